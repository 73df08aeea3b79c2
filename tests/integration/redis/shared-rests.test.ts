// What rests, shared through a real Redis in every state: the primaries' side, without gateways around it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRestBook, type RestBook } from '../../../cluster/known/rest-book.ts';
import type { Rest } from '../../../src/contracts/rests.ts';
import { createSharedRests, type SharedRests } from '../../../src/redis/rests/shared-rests.ts';
import { freePort } from '../../kit/port.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

const clock = { now: () => performance.now(), wall: () => Date.now() };
/** What is told at one node is known at the others; the rest is for slow machines. */
const SECOND_MS = 1_500;

interface Node {
  book: RestBook;
  shared: SharedRests;
  lines: string[];
  /** As the primary does it. */
  find(rest: Rest): void;
  knows(model: string): Rest | undefined;
}

const nodes: Node[] = [];
const servers: RedisServer[] = [];

async function redis(options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  servers.push(server);
  return server;
}

/** @param timeoutMs far longer than Redis stands still, where no line is to say that it did */
function node(url: string, timeoutMs?: number): Node {
  const book = createRestBook(() => clock.now());
  const lines: string[] = [];
  const say = (_fields: unknown, message: string): void => void lines.push(message);
  const shared = createSharedRests(
    { url, mode: 'lease', onFailure: 'open', ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    {
      clock,
      log: { debug: say, info: say, warn: say, error: say },
      learned: (rest) => void book.add(rest),
      known: () => book.current(),
    },
  );
  const made: Node = {
    book,
    shared,
    lines,
    find(rest) {
      if (book.add(rest)) shared.tell(rest);
    },
    knows: (model) => book.current().find((rest) => rest.model === model),
  };
  nodes.push(made);
  return made;
}

const target = (model: string, forMs = 60_000): Rest => ({
  kind: 'target',
  lane: 'openai',
  model,
  print: 'abcdef',
  forMs,
  stated: true,
});

const learns = (at: Node, model: string, withinMs = SECOND_MS) =>
  waitUntil(() => at.knows(model), `${model} to be known`, withinMs);

afterEach(async () => {
  for (const { shared } of nodes.splice(0)) shared.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

describe('rests in Redis', () => {
  let server: RedisServer;
  let url: string;
  beforeEach(async () => {
    server = await redis();
    url = `redis://127.0.0.1:${server.port}`;
  });

  it('are known at another node within a second, for what is left of their time', async () => {
    const a = node(url);
    const b = node(url);
    const key: Rest = { ...target('one'), kind: 'key', key: 'alias', limited: true };
    a.find(key);
    b.find(target('two', 30_000));
    const learned = await learns(b, 'one');
    expect(learned).toMatchObject({ ...key, forMs: expect.any(Number) });
    expect(learned.forMs).toBeGreaterThan(55_000);
    expect(learned.forMs).toBeLessThanOrEqual(60_000);
    expect((await learns(a, 'two')).forMs).toBeLessThanOrEqual(30_000);
  });

  it('are known to a node that starts later', async () => {
    const a = node(url);
    a.find(target('one'));
    await waitUntil(() => server.cli('zcard', '{headgate}:k') === '1', 'the note');
    await learns(node(url), 'one');
  });

  it('that were known before anybody connected are told with the first look', async () => {
    const a = node(url);
    // As the primary has it that hears of a rest while it still loads what it needs.
    a.book.add(target('early'));
    await learns(node(url), 'early');
  });

  it('leave nothing behind: every key has a time to live, and goes with the last note', async () => {
    const a = node(url);
    a.find(target('long', 6_000));
    a.find(target('short', 5_000));
    await waitUntil(() => server.cli('zcard', '{headgate}:k') === '2', 'the notes');
    for (const key of server.cli('keys', '*').split('\n')) {
      const life = Number(server.cli('pttl', key));
      expect(life, key).toBeGreaterThan(0);
      expect(life, key).toBeLessThanOrEqual(6_000);
    }
    await waitUntil(() => server.cli('keys', '*') === '', 'an empty Redis');
    // Its own clock, which may run a little behind.
    await waitUntil(() => a.book.current().length === 0, 'an empty book');
  });

  it('never end sooner because another node said less', async () => {
    const a = node(url);
    const b = node(url);
    a.find(target('one', 60_000));
    await learns(b, 'one');
    b.shared.tell(target('one', 2_000));
    b.find(target('two'));
    await learns(a, 'two');
    const left =
      Number(server.cli('zrange', '{headgate}:k', '0', '0', 'withscores').split('\n')[1]) - Date.now();
    expect(left).toBeGreaterThan(30_000);
    expect((await learns(node(url), 'one')).forMs).toBeGreaterThan(30_000);
  });

  it('of deployments with prefixes of their own do not meet', async () => {
    const a = node(`${url}?prefix=eu`);
    const b = node(`${url}?prefix=us`);
    a.find(target('one'));
    b.find(target('two'));
    await learns(node(`${url}?prefix=eu`), 'one');
    await learns(node(`${url}?prefix=us`), 'two');
    expect(a.knows('two')).toBeUndefined();
    expect(b.knows('one')).toBeUndefined();
  });

  it('are at most a thousand, and what others wrote there is passed over', async () => {
    const soon = String(Date.now() + 60_000);
    server.cli('zadd', '{headgate}:k', soon, 'junk', soon, '[1,2,3]', soon, '["t","p","m"]');
    const a = node(url);
    const b = node(url, 5_000);
    for (let n = 0; n < 1_010; n++) a.find(target(`m${n}`));
    await waitUntil(() => server.cli('zcard', '{headgate}:k') === '1000', 'a full set');
    await waitUntil(() => b.book.current().length === 997, 'all that fits to be learned', SECOND_MS);
    expect(b.lines).toEqual([]);
  });

  it('outlive a Redis that is killed and comes back empty: what is known is told again, what is new is shared', async () => {
    const a = node(url);
    const b = node(url);
    a.find(target('before'));
    await learns(b, 'before');
    await server.kill();
    a.find(target('meanwhile'));
    await waitUntil(() => a.lines.length > 0, 'a line that says so', 3_000);
    await server.restart();
    await learns(b, 'meanwhile', 3_000);
    await learns(node(url), 'before', 3_000);
    b.find(target('after'));
    await learns(a, 'after');
    await waitUntil(
      () => a.lines.at(-1) === 'redis: rests are shared with other nodes',
      'a line that says so',
    );
  });

  it('go on when a frozen Redis does, and cost a line a second at most meanwhile', async () => {
    const a = node(url);
    const b = node(url);
    a.find(target('before'));
    await learns(b, 'before');
    server.signal('SIGSTOP');
    const begun = performance.now();
    for (let n = 0; n < 5_000; n++) a.find(target(`m${n % 900}`, 60_000 + n));
    await sleep(3_000);
    const seconds = Math.ceil((performance.now() - begun) / 1_000);
    expect(a.lines.length).toBeGreaterThan(0);
    expect(a.lines.length).toBeLessThanOrEqual(seconds + 1);
    server.signal('SIGCONT');
    await learns(b, 'm899', 5_000);
    b.find(target('after'));
    await learns(a, 'after', 3_000);
  });

  it('need no more than the commands an ACL of limits allows', async () => {
    const commands = [
      ...'eval evalsha hello info client time get set del pexpire zadd zrem zcard zscore'.split(' '),
      ...'zrangebyscore zremrangebyscore'.split(' '),
    ];
    const rules = ['on', '>pw', '~{headgate}:*', ...commands.map((command) => `+${command}`)];
    expect(server.cli('acl', 'setuser', 'gate', ...rules)).toBe('OK');
    const limited = `redis://gate:pw@127.0.0.1:${server.port}`;
    const a = node(limited, 5_000);
    a.find(target('one'));
    await learns(node(limited), 'one');
    expect(a.lines).toEqual([]);
  });
});

describe('rests in other Redises', () => {
  it('wait for one that is absent at the start', async () => {
    const port = await freePort();
    const a = node(`redis://127.0.0.1:${port}`);
    a.find(target('one'));
    await waitUntil(() => a.lines.length > 0, 'a line that says so', 3_000);
    await redis({ port });
    await learns(node(`redis://127.0.0.1:${port}`), 'one', 4_000);
  });

  it('share a slot of a Cluster', async () => {
    const server = await redis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
    expect(server.cli('cluster', 'addslotsrange', '0', '16383')).toBe('OK');
    await waitUntil(() => server.cli('cluster', 'info').includes('cluster_state:ok'), 'the Cluster', 10_000);
    const url = `redis-cluster://127.0.0.1:${server.port}`;
    const a = node(url);
    const b = node(url);
    a.find(target('one'));
    await learns(b, 'one', 3_000);
    b.find(target('two'));
    await learns(a, 'two');
  });
});
