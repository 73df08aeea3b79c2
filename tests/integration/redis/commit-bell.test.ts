// The bell of gateways that share a store, through a real Redis in every state: the primaries' side, without gateways around it.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CommitBell, createCommitBell } from '../../../src/redis/store/commit-bell.ts';
import { createStoreRoll } from '../../../src/redis/store/store-roll.ts';
import { waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const clock = { now: () => performance.now(), wall: () => Date.now() };
const quiet = (): void => undefined;

interface Node {
  readonly bell: CommitBell;
  heard: number;
}

let server: RedisServer;
const nodes: Node[] = [];

beforeEach(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const { bell } of nodes.splice(0)) bell.close();
  await server.close();
});

function node(): Node {
  const made: { heard: number } = { heard: 0 };
  const bell = createCommitBell(
    { url: `redis://127.0.0.1:${server.port}`, mode: 'lease', onFailure: 'open', timeoutMs: 5_000 },
    {
      clock,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      heard: () => {
        made.heard += 1;
      },
    },
  );
  const one = Object.assign(made, { bell });
  nodes.push(one);
  return one;
}

const mark = (): string => server.cli('get', '{headgate}:bell').trim();
/** Each of them has looked once: it was the last that its connection asked. */
const looking = (): Promise<unknown> =>
  waitUntil(
    () => (server.cli('client', 'list').match(/ cmd=eval(sha)? /g)?.length ?? 0) === nodes.length,
    'every node’s looks',
  );

it('who rings is heard by all others, and not by itself', async () => {
  const [a, b, c] = [node(), node(), node()];
  await looking();
  a.bell.ring();
  await waitUntil(() => b.heard === 1 && c.heard === 1, 'both');
  expect(a.heard).toBe(0);
  expect(mark()).not.toBe('');
  // Two at once: each hears the other, whoever was first.
  a.bell.ring();
  b.bell.ring();
  await waitUntil(() => c.heard >= 2 && a.heard + b.heard >= 2, 'all');
});

it('what was rung while Redis was away is heard when it is back, and a Redis that lost its memory is heard as a ring', async () => {
  const [a, b] = [node(), node()];
  await looking();
  a.bell.ring();
  await waitUntil(() => b.heard === 1, 'a ring');
  await server.kill();
  a.bell.ring();
  await server.restart();
  await waitUntil(() => mark() !== '', 'the ring of before');
  await waitUntil(() => b.heard >= 2, 'it at the other');
});

it('gateways with a store of their own each hear that there are others, and one alone does not', async () => {
  const said: string[][] = [[], [], []];
  const rolls = ['a', 'b', 'c'].map(
    (name, at) => () =>
      createStoreRoll(
        { url: `redis://127.0.0.1:${server.port}`, mode: 'lease', onFailure: 'open', timeoutMs: 5_000 },
        {
          ...{ clock, name, store: `${name} /data`, lookMs: 50 },
          log: { debug: quiet, info: quiet, error: quiet, warn: (_, line) => void said[at]!.push(line) },
        },
      ),
  );
  const [a, b] = [rolls[0]!(), rolls[1]!()];
  try {
    await waitUntil(() => said[0]!.length > 0 && said[1]!.length > 0, 'both', 20_000);
    expect(said[0]![0]).toContain('SQLite each (b)');
    expect(said[1]![0]).toContain('SQLite each (a)');
    expect(server.cli('hlen', '{headgate}:stores').trim()).toBe('2');
    // Each says its name by the second, so that most looks find nothing new of the other: said once is enough.
    const second = (): number => Number(server.cli('time').split('\n')[0]);
    const begun = second();
    await waitUntil(() => second() > begun + 2, 'more of them', 20_000);
    expect(said.map(({ length }) => length)).toEqual([1, 1, 0]);
  } finally {
    a.close();
    b.close();
  }
  // Those that ended are no gateways any more, though they are still written down.
  const c = rolls[2]!();
  try {
    const looks = (): number =>
      Number(server.cli('info', 'commandstats').match(/cmdstat_evalsha:calls=(\d+)/)?.[1] ?? 0);
    const before = looks();
    await waitUntil(() => looks() > before + 5, 'some looks', 20_000);
    expect(server.cli('hlen', '{headgate}:stores').trim()).toBe('3');
    expect(said[2]).toEqual([]);
  } finally {
    c.close();
  }
});
