import { describe, expect, it } from 'vitest';
import type { ProviderKeyConfig } from '../contracts/provider-config.ts';
import type { KeyRing, RingKey } from '../contracts/lane.ts';
import type { KeyChoice } from '../contracts/pin.ts';
import { createKeyRing } from './key-ring.ts';

const key = (alias: string, weight = 1, models: string[] = []): ProviderKeyConfig => ({
  alias,
  value: `sk-${alias}`,
  weight,
  models,
});

function ring(keys: ProviderKeyConfig[]) {
  const time = { now: 1000, random: 0 };
  const made = createKeyRing(keys, {
    clock: { now: () => time.now, wall: () => time.now },
    random: () => time.random,
  });
  return { time, ring: made, pick: (model = 'm') => made.pick(model, [])?.config.alias ?? null };
}

describe('choosing a key', () => {
  it('follows the weights', () => {
    const { time, pick } = ring([key('a', 1), key('b', 3)]);
    const picked = [0, 0.24, 0.26, 0.5, 0.99].map((random) => {
      time.random = random;
      return pick();
    });
    expect(picked).toEqual(['a', 'a', 'b', 'b', 'b']);
  });

  it('uses keys of weight 0 only when no other is there', () => {
    const { time, ring: made, pick } = ring([key('a', 0), key('b', 1), key('c', 0)]);
    time.random = 0;
    expect(pick()).toBe('b');
    const tried = [made.pick('m', [])!];
    expect(made.pick('m', tried)?.config.alias).toBe('a');
    time.random = 0.99;
    expect(made.pick('m', tried)?.config.alias).toBe('c');
  });

  it('takes only keys for the model, by name or by the beginning of it', () => {
    const { pick, ring: made } = ring([key('mini', 1, ['gpt-4o-mini']), key('all-4', 1, ['gpt-4*'])]);
    expect(pick('gpt-4o')).toBe('all-4');
    expect(pick('gpt-4')).toBe('all-4');
    expect(pick('gpt-3.5')).toBeNull();
    expect(made.nextUsableInMs('gpt-3.5')).toBeNull();
    expect(made.nextUsableInMs('gpt-4o')).toBe(0);
  });

  it('gives none that was tried, and says whether another is left', () => {
    const { ring: made } = ring([key('a'), key('b')]);
    const first = made.pick('m', [])!;
    const second = made.pick('m', [first])!;
    expect(second.config.alias).not.toBe(first.config.alias);
    expect(made.hasOther('m', [first])).toBe(true);
    expect(made.hasOther('m', [first, second])).toBe(false);
    expect(made.pick('m', [first, second])).toBeNull();
  });

  it('has nothing to give without keys', () => {
    const { ring: made, pick } = ring([]);
    expect(pick()).toBeNull();
    expect(made.nextUsableInMs('m')).toBeNull();
  });
});

describe('resting a key', () => {
  it('leaves it out until its time is over', () => {
    const { time, ring: made, pick } = ring([key('a'), key('b')]);
    const a = made.pick('m', [])!;
    expect(made.rest(a, 'm', 500)).toBe(true);
    expect(pick()).toBe('b');
    time.now += 499;
    expect(pick()).toBe('b');
    time.now += 1;
    expect(pick()).toBe('a');
  });

  it('does not shorten a rest that is longer', () => {
    const { time, ring: made, pick } = ring([key('a'), key('b')]);
    const a = made.pick('m', [])!;
    made.rest(a, 'm', 5000);
    made.rest(a, 'm', 10);
    time.now += 100;
    expect(pick()).toBe('b');
  });

  it('is refused for the last key that could serve the model: its answer belongs to the caller', () => {
    const { ring: made, pick } = ring([key('a'), key('b'), key('other', 1, ['x'])]);
    const a = made.pick('m', [])!;
    const b = made.pick('m', [a])!;
    expect(made.rest(a, 'm', 500)).toBe(true);
    expect(made.rest(b, 'm', 500)).toBe(false);
    expect(pick()).toBe('b');
    const { ring: single, pick: pickSingle } = ring([key('only')]);
    expect(single.rest(single.pick('m', [])!, 'm', 500)).toBe(false);
    expect(pickSingle()).toBe('only');
  });

  it('does not take a model its only key when another model made the key rest', () => {
    const { ring: made, pick } = ring([key('a', 1, ['x', 'y']), key('b', 1, ['x'])]);
    expect(made.rest(made.pick('y', [])!, 'x', 500)).toBe(true);
    expect(pick('x')).toBe('b');
    expect(pick('y')).toBe('a');
    expect(made.nextUsableInMs('y')).toBe(0);
  });

  it('tells when the first is back if all that serve a model rest', () => {
    const { time, ring: made } = ring([
      key('a', 1, ['x', 'z']),
      key('b', 1, ['y', 'z']),
      key('c', 1, ['x', 'y']),
    ]);
    made.rest(made.pick('x', [])!, 'x', 800);
    const b = made.pick('z', [])!;
    expect(b.config.alias).toBe('b');
    expect(made.rest(b, 'y', 300)).toBe(true);
    expect(made.pick('z', [])).toBeNull();
    expect(made.nextUsableInMs('z')).toBe(300);
    time.now += 300;
    expect(made.nextUsableInMs('z')).toBe(0);
  });

  it('goes on after a reload for a key that stayed, and not for one whose value changed', () => {
    const { ring: made, pick } = ring([key('a'), key('b')]);
    const a = made.pick('m', [])!;
    made.rest(a, 'm', 500);
    made.replace([key('a', 5), key('b')]);
    expect(pick()).toBe('b');
    expect(made.hasOther('m', [made.pick('m', [])!])).toBe(false);
    made.replace([{ ...key('a'), value: 'sk-new' }, key('b')]);
    expect(pick()).toBe('a');
    expect(made.pick('m', [a])?.config.value).toBe('sk-new');
  });
});

describe('keys of several organisations', () => {
  const of = (alias: string, organization: string, weight = 1): ProviderKeyConfig => ({
    ...key(alias, weight),
    organization,
  });
  const pins = Array.from(
    { length: 300 },
    (_, at): KeyChoice => ({ organization: null, hash: at * 2_654_435_761, steady: false }),
  );
  const homes = (made: KeyRing, tried: readonly RingKey[] = []): string[] =>
    pins.map((pin) => made.pick('m', tried, pin)!.config.organization ?? '');

  it('are told apart only where they are', () => {
    expect(ring([of('a', 'x'), of('b', 'x')]).ring.organizations).toBeUndefined();
    expect(ring([key('a'), key('b')]).ring.organizations).toBeUndefined();
    expect(ring([of('a', 'x'), key('b')]).ring.organizations).toEqual(new Set(['x', '']));
  });

  it('serve a conversation from the same one each time, whatever chance says', () => {
    const { ring: made, time } = ring([of('a', 'x'), of('b', 'y'), of('c', 'y')]);
    const first = homes(made);
    time.random = 0.99;
    expect(homes(made)).toEqual(first);
    expect(new Set(first)).toEqual(new Set(['x', 'y']));
    // In another order as well: another node's file may list them so.
    expect(homes(ring([of('c', 'y'), of('b', 'y'), of('a', 'x')]).ring)).toEqual(first);
  });

  it('share conversations by the weights of their keys', () => {
    const count = homes(ring([of('a', 'x', 3), of('b', 'y', 1)]).ring).filter((home) => home === 'x').length;
    expect(count).toBeGreaterThan(195);
    expect(count).toBeLessThan(255);
  });

  it('within one are chosen as ever', () => {
    const { ring: made, time } = ring([of('a', 'x'), of('b', 'y'), of('c', 'y')]);
    const pin: KeyChoice = { organization: 'y', hash: 1, steady: false };
    expect(made.pick('m', [], pin)?.config.alias).toBe('b');
    time.random = 0.9;
    expect(made.pick('m', [], pin)?.config.alias).toBe('c');
  });

  it('go on elsewhere when none of its own can, and only those conversations move', () => {
    const { ring: made } = ring([of('a', 'x'), of('b', 'y'), of('c', 'z')]);
    const before = homes(made);
    const gone = made.pick('m', [], { organization: 'x', hash: 0, steady: false })!;
    const after = homes(made, [gone]);
    for (const [at, home] of before.entries()) if (home !== 'x') expect(after[at]).toBe(home);
    expect(after).not.toContain('x');
    expect(made.pick('m', [gone], { organization: 'x', hash: 0, steady: false })).not.toBeNull();
    expect(made.pick('m', [], { organization: 'unknown', hash: 0, steady: false })).not.toBeNull();
  });
});

describe('a conversation that keeps its key', () => {
  const conversations = Array.from(
    { length: 300 },
    (_, at): KeyChoice => ({ organization: null, hash: at * 2_654_435_761, steady: true }),
  );
  const keysOf = (made: KeyRing, tried: readonly RingKey[] = []): string[] =>
    conversations.map((choice) => made.pick('m', tried, choice)!.config.alias);

  it('has the same one each time, at every worker, and shares follow the weights', () => {
    const { ring: made, time } = ring([key('a'), key('b', 3), key('c', 0)]);
    const first = keysOf(made);
    time.random = 0.99;
    expect(keysOf(made)).toEqual(first);
    expect(keysOf(ring([key('c', 0), key('b', 3), key('a')]).ring)).toEqual(first);
    const ofB = first.filter((alias) => alias === 'b').length;
    expect(ofB).toBeGreaterThan(195);
    expect(ofB).toBeLessThan(255);
    expect(first).not.toContain('c');
  });

  it('moves alone while its key rests, was tried or is gone, and comes back', () => {
    const { ring: made, time } = ring([key('a'), key('b'), key('c')]);
    const before = keysOf(made);
    const moved = (after: readonly string[]): void => {
      for (const [at, alias] of before.entries()) if (alias !== 'a') expect(after[at]).toBe(alias);
      expect(after).not.toContain('a');
      expect(new Set(after)).toEqual(new Set(['b', 'c']));
    };
    const a = made.pick('m', [], conversations[before.indexOf('a')]!)!;
    moved(keysOf(made, [a]));
    made.rest(a, 'm', 500);
    moved(keysOf(made));
    time.now += 500;
    expect(keysOf(made)).toEqual(before);
    made.replace([key('b'), key('c')]);
    moved(keysOf(made));
    made.replace([key('c'), key('b'), key('a')]);
    expect(keysOf(made)).toEqual(before);
  });

  it('knows a key that nobody named by its value: others move up in the list when one is gone', () => {
    const unnamed = (at: number, value: string): ProviderKeyConfig => ({ ...key(`key-${at}`), value });
    const { ring: made } = ring([unnamed(1, 'x'), unnamed(2, 'y'), unnamed(3, 'z')]);
    const values = () => conversations.map((choice) => made.pick('m', [], choice)!.config.value);
    const before = values();
    made.replace([unnamed(1, 'y'), unnamed(2, 'z')]);
    const after = values();
    for (const [at, value] of before.entries()) if (value !== 'x') expect(after[at]).toBe(value);
    expect(new Set(after)).toEqual(new Set(['y', 'z']));
  });

  it('stays within its organisation', () => {
    const of = (alias: string, organization: string): ProviderKeyConfig => ({ ...key(alias), organization });
    const { ring: made, time } = ring([of('a', 'x'), of('b', 'y'), of('c', 'y')]);
    const first = keysOf(made);
    time.random = 0.99;
    expect(keysOf(made)).toEqual(first);
    expect(new Set(first)).toEqual(new Set(['a', 'b', 'c']));
    const mine: KeyChoice = { organization: 'y', hash: 7, steady: true };
    expect(made.pick('m', [], mine)?.config.organization).toBe('y');
  });
});

it('lets every key go on when somebody says so', () => {
  const { ring: made } = ring([key('a'), key('b')]);
  made.rest(made.pick('m', [])!, 'm', 1_000);
  expect(made.states().filter(([, up]) => !up)).toHaveLength(1);
  made.wake();
  expect(made.states().every(([, up]) => up)).toBe(true);
});
