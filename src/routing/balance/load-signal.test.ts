// What servers say of their load, in the choices of a pool that others load too.
import { expect, it } from 'vitest';
import type { BalanceAsk } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Strategy } from '../../contracts/strategy.ts';
import { balancerFor } from './balancer.ts';
import { createLoadBook } from './load-book.ts';
import type { LoadMeter } from './load-meter.ts';
import { LoadSignal } from './load-signal.ts';

const STALE_MS = 5_000;

function pool(strategy: Strategy, names: readonly string[]) {
  const book = createLoadBook();
  const signals = Object.fromEntries(names.map((name) => [name, new LoadSignal(STALE_MS)]));
  const targets = names.map(
    (name) =>
      ({ label: `${name}/m`, weight: 1, load: book.load(`${name}/m`, signals[name]!) }) as unknown as Target,
  );
  const state = { nowMs: 1_000, key: 0 };
  const ask: BalanceAsk = { nowMs: () => state.nowMs, random: () => 0.3, affinity: () => state.key };
  const balancer = balancerFor(strategy, { targets, costOf: () => null, start: 0 })!;
  const load = (name: string) => targets[names.indexOf(name)]!.load as LoadMeter; // what the book makes
  return { book, signals, state, load, first: () => balancer.order(ask)[0]!.label.split('/')[0]! };
}

it.each(['least-busy', 'adaptive'] as const)('%s goes where fewer requests of anybody are', (strategy) => {
  const { signals, state, first } = pool(strategy, ['a', 'b']);
  signals['a']!.heard(state.nowMs, { running: 9, waiting: 0 });
  signals['b']!.heard(state.nowMs, { running: 2, waiting: 0 });
  expect([first(), first()]).toEqual(['b', 'b']);
  // Six that wait weigh more than nine that run.
  signals['b']!.heard(state.nowMs, { running: 2, waiting: 6 });
  expect([first(), first()]).toEqual(['a', 'a']);
});

it('usage counts what others have at a server beside what was used there in the last minute', () => {
  const { signals, state, load, first } = pool('usage', ['a', 'b']);
  for (let call = 0; call < 4; call++) {
    load('a').began(state.nowMs);
    load('a').ended();
  }
  expect(first()).toBe('b');
  signals['b']!.heard(state.nowMs, { running: 3, waiting: 0 });
  expect(first()).toBe('b');
  // One that waits counts twice: five against four.
  signals['b']!.heard(state.nowMs, { running: 3, waiting: 1 });
  expect(first()).toBe('a');
  // What is ours there is counted once, as used.
  load('a').began(state.nowMs);
  signals['a']!.heard(state.nowMs, { running: 1, waiting: 0 });
  expect(load('a').pressure(state.nowMs) - load('a').inFlight).toBe(0);
  state.nowMs += STALE_MS + 1;
  expect(first()).toBe('b');
});

it('what was sent since counts, and what is too old does not', () => {
  const { signals, state, load, first } = pool('least-busy', ['a', 'b']);
  load('a').began(state.nowMs);
  signals['a']!.heard(state.nowMs, { running: 1, waiting: 0 });
  signals['b']!.heard(state.nowMs, { running: 3, waiting: 0 });
  expect(load('a').pressure(state.nowMs)).toBe(1);
  for (let call = 0; call < 3; call++) load('a').began(state.nowMs);
  expect(load('a').pressure(state.nowMs)).toBe(4);
  expect(first()).toBe('b');
  for (let call = 0; call < 4; call++) load('a').ended();
  expect(load('a').pressure(state.nowMs)).toBe(0);
  state.nowMs += STALE_MS + 1;
  load('b').began(state.nowMs);
  expect([load('a').pressure(state.nowMs), load('b').pressure(state.nowMs)]).toEqual([0, 1]);
  expect(load('b').waiting(state.nowMs)).toBeNull();
});

it('a server that says less than this gateway has there is not believed', () => {
  const { signals, state, load } = pool('least-busy', ['a', 'b']);
  for (let call = 0; call < 5; call++) load('a').began(state.nowMs);
  signals['a']!.heard(state.nowMs, { running: 0, waiting: 0 });
  expect(load('a').pressure(state.nowMs)).toBe(5);
});

it('hash keeps a prompt where its beginning is cached, and leaves a queue for the next in order, always the same', () => {
  const { signals, state, first } = pool('hash', ['a', 'b', 'c']);
  const home: Record<number, string> = {};
  for (let key = 0; key < 60; key++) {
    state.key = key;
    home[key] = first();
  }
  expect(new Set(Object.values(home)).size).toBe(3);
  signals['a']!.heard(state.nowMs, { running: 8, waiting: 4 });
  for (const name of ['b', 'c']) signals[name]!.heard(state.nowMs, { running: 8, waiting: 0 });
  for (let key = 0; key < 60; key++) {
    state.key = key;
    const now = first();
    if (home[key] === 'a') expect(now).not.toBe('a');
    else expect(now).toBe(home[key]);
    expect(first()).toBe(now);
  }
  // Everywhere is a queue: then each stays.
  for (const name of ['b', 'c']) signals[name]!.heard(state.nowMs, { running: 8, waiting: 1 });
  for (let key = 0; key < 60; key++) {
    state.key = key;
    expect(first()).toBe(home[key]);
  }
});

it('a new configuration without it chooses by what is seen here', () => {
  const { book, signals, state, load } = pool('least-busy', ['a', 'b']);
  signals['a']!.heard(state.nowMs, { running: 9, waiting: 9 });
  expect(load('a').pressure(state.nowMs)).toBe(27);
  book.load('a/m');
  expect(load('a').pressure(state.nowMs)).toBe(0);
});
