// Redis in every bad state of the catalogue (faults.md, S01-S05): calls are answered at once by the stated policy, memory
// stays bounded, the log stays quiet, and limits are shared again without a restart.
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../kit/port.ts';
import { hasProc, residentBytes } from '../../kit/process.ts';
import { sleep, waitUntil } from '../../kit/wait.ts';
import {
  bucket,
  busiestWindow,
  clock,
  closeGates,
  type Gate,
  gate,
  rate,
  readyGate,
  slots,
  takeOne,
} from './authority-kit.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

const servers: RedisServer[] = [];
const proxies: TcpProxy[] = [];

afterEach(async () => {
  await closeGates();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function redis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  servers.push(server);
  return server;
}

async function proxied(server: RedisServer): Promise<TcpProxy> {
  const proxy = await startTcpProxy(server.port);
  proxies.push(proxy);
  return proxy;
}

const url = ({ port }: { port: number }, login = ''): string => `redis://${login}127.0.0.1:${port}`;

interface Run {
  /** ms each ask took, in order. */
  took: number[];
  /** Whether it was over before the turn of the event loop that asked. */
  waited: boolean[];
  granted: number;
  degraded: number;
  grantedAtMs: number[];
}

/** One ask each `everyMs`, whatever became of those before. */
async function load(
  { authority }: Gate,
  of: ReturnType<typeof bucket>,
  count: number,
  everyMs: number,
): Promise<Run> {
  const run: Run = { took: [], waited: [], granted: 0, degraded: 0, grantedAtMs: [] };
  const asks: Promise<void>[] = [];
  for (let at = 0; at < count; at++) {
    const begun = clock.now();
    run.waited[at] = false;
    setImmediate(() => {
      run.waited[at] = run.took[at] === undefined;
    });
    asks.push(
      takeOne(authority, of).then(({ granted, degraded }) => {
        run.took[at] = clock.now() - begun;
        if (granted > 0) {
          run.granted++;
          run.grantedAtMs.push(begun);
        }
        if (degraded === true) run.degraded++;
      }),
    );
    await sleep(everyMs);
  }
  await Promise.all(asks);
  return run;
}

const healthy = ({ authority }: Gate, withinMs = 15_000): Promise<unknown> =>
  waitUntil(() => authority.healthy, 'limits to be shared again', withinMs);
/** Of one that refuses what Redis does not answer in 50 ms, which is longer on a busy machine. */
const granting = ({ authority }: Gate): Promise<unknown> =>
  waitUntil(async () => (await takeOne(authority, ample)).granted === 1, 'Redis to decide', 15_000);
const unhealthy = ({ authority }: Gate): Promise<unknown> =>
  waitUntil(() => !authority.healthy, 'the policy to decide', 10_000);

/** Where it is of no matter how long Redis is waited for, but what it says is. */
const PATIENT_MS = 20_000;

/** 50 ms and what a machine adds that stands still for a while: no call waits for Redis longer, and one that was forgotten waits for ever. */
const LONGEST_MS = 8_000;
/** Calls that waited for a Redis that did not answer: what is decided at once is decided in the turn it was asked in, however busy the machine. */
const waits = ({ waited }: Run): number => waited.filter(Boolean).length;

/** Nine in ten waited for nothing. */
function expectAtOnce(waited: readonly boolean[]): void {
  expect(waited.filter(Boolean).length).toBeLessThanOrEqual(waited.length / 10);
}

function expectQuiet({ lines }: Gate): void {
  for (let at = 1; at < lines.length; at++) {
    expect(lines[at]!.atMs - lines[at - 1]!.atMs, lines[at]!.message).toBeGreaterThan(950);
  }
}

const ample = bucket(rate('ample', 1_000_000, 60_000));

/** Every call of twenty; on a busy machine the policy may have a turn before that. */
const decidedByRedis = (one: Gate): Promise<unknown> =>
  waitUntil(async () => (await load(one, ample, 20, 2)).degraded === 0, 'Redis to decide every call');

describe('S01: Redis killed', () => {
  it('answers every call, and a Redis that comes back empty is told what was used', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    const other = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    // Two an hour more than the burst: whatever is admitted after the burst is over the limit.
    const tight = bucket(rate('tight', 1_000, 3_600_000));
    for (let at = 0; at < tight.rule.burst; at++)
      expect((await takeOne(one.authority, tight)).granted).toBe(1);
    expect((await takeOne(other.authority, tight)).granted).toBe(0);
    await server.kill();
    await unhealthy(one);
    const down = await load(one, tight, 30, 2);
    expect(down.granted).toBe(0);
    expectAtOnce(down.waited);
    await server.restart();
    await healthy(one);
    await healthy(other);
    expect(one.authority.stats().emptied).toBe(1);
    // What was remembered arrives a moment after health does.
    await waitUntil(
      () => one.authority.stats().toTell === 0 && other.authority.stats().toTell === 0,
      'debts told',
    );
    // Redis decides again; on a busy machine the policy may still have a turn.
    await waitUntil(async () => {
      const after = await load(other, tight, 20, 2);
      expect(after.granted).toBe(0);
      return after.degraded === 0;
    }, 'Redis to decide every call');
    expectQuiet(one);
  });

  it('open: what each gateway granted alone during the outage is booked when Redis is back', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS, onFailure: 'open' });
    const of = bucket(rate('booked', 100, 3_600_000, 50));
    await server.kill();
    await unhealthy(one);
    const alone = await load(one, of, 60, 1);
    expect(alone.granted).toBe(50);
    await server.restart();
    await healthy(one);
    await waitUntil(() => one.authority.stats().toTell === 0, 'bookings told');
    expect((await takeOne(one.authority, of)).granted).toBe(0);
  });

  it('closed: calls are refused at once with a time to come back, and served again after it', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS, onFailure: 'closed' });
    await server.kill();
    await unhealthy(one);
    const grant = await takeOne(one.authority, ample);
    expect(grant).toMatchObject({ granted: 0, degraded: true, retryAfterMs: 1_000 });
    await server.restart();
    await healthy(one);
    expect(await takeOne(one.authority, ample)).toMatchObject({ granted: 1 });
  });

  it('slots in use are known again to a Redis that came back empty', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    const other = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    const three = bucket(slots('three', 3));
    for (let at = 0; at < 3; at++) expect((await takeOne(one.authority, three, `call${at}`)).granted).toBe(1);
    await server.kill();
    await unhealthy(one);
    await server.restart();
    await healthy(one);
    await healthy(other);
    expect((await takeOne(other.authority, three)).granted).toBe(0);
    one.authority.giveBack(three, 1, 'call1');
    await waitUntil(async () => (await takeOne(other.authority, three)).granted === 1, 'the slot given back');
  });
});

describe('S02: Redis frozen', () => {
  it('adds at most 50 ms to a few calls and then nothing; memory stays; it recovers by itself', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server) });
    await load(one, ample, 50, 1);
    const before = hasProc ? residentBytes(process.pid) : 0;
    server.signal('SIGSTOP');
    const frozen = await load(one, ample, 150, 20);
    expect(Math.max(...frozen.took)).toBeLessThan(LONGEST_MS);
    expect(waits(frozen)).toBeLessThanOrEqual(8);
    expectAtOnce(frozen.waited.slice(12));
    expect(frozen.granted).toBe(150);
    expect(one.authority.stats().faults.timeout).toBeGreaterThanOrEqual(1);
    expect(one.authority.stats().inFlight).toBeLessThanOrEqual(10);
    if (hasProc) expect(residentBytes(process.pid) - before).toBeLessThan(64 << 20);
    server.signal('SIGCONT');
    await healthy(one);
    await decidedByRedis(one);
    expect(one.authority.stats().degradedMs).toBeGreaterThan(1_000);
    expectQuiet(one);
  });

  it('of any length, asked at any rate: who waits was on the way when it froze, and no later call waits', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), mode: 'strict' });
    await load(one, ample, 50, 1);
    server.signal('SIGSTOP');
    const calls: Promise<{ sentAt: number; overAt: number; waited: boolean; degraded: boolean }>[] = [];
    let memory = 0;
    let turn = 0;
    for (; turn < 300; turn++) {
      // About 2,000 calls a second for three seconds.
      const sentIn = turn;
      for (let at = 0; at < 20; at++) {
        const sentAt = clock.now();
        calls.push(
          takeOne(one.authority, ample).then(({ degraded }) => ({
            sentAt,
            overAt: clock.now(),
            // What is decided at once is decided before this turn of the event loop is over, however busy the machine.
            waited: turn !== sentIn,
            degraded: degraded === true,
          })),
        );
      }
      if (turn === 60 && hasProc) memory = residentBytes(process.pid);
      await sleep(10);
    }
    const all = await Promise.all(calls);
    expect(all.every(({ degraded }) => degraded)).toBe(true);
    const waited = all.filter((call) => call.waited);
    expect(waited.length).toBeGreaterThan(0);
    expect(Math.max(...waited.map(({ sentAt, overAt }) => overAt - sentAt))).toBeLessThan(LONGEST_MS);
    // The first answers that are late decide all that wait; what is sent after them never waits, probes or not.
    const firstOver = Math.min(...waited.map(({ overAt }) => overAt));
    expect(waited.filter(({ sentAt }) => sentAt > firstOver).length).toBeLessThanOrEqual(5);
    expect(Math.max(...waited.map(({ overAt }) => overAt))).toBeLessThan(firstOver + LONGEST_MS);
    expect(one.authority.stats().inFlight).toBeLessThanOrEqual(waited.length + 1);
    if (hasProc) expect(residentBytes(process.pid) - memory).toBeLessThan(32 << 20);
    server.signal('SIGCONT');
    await healthy(one);
    expectQuiet(one);
  });

  it('a flood against a frozen Redis waits 50 ms once, bounded in number', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), maxInFlight: 100 });
    server.signal('SIGSTOP');
    const begun = clock.now();
    const grants = await Promise.all(Array.from({ length: 5_000 }, () => takeOne(one.authority, ample)));
    expect(clock.now() - begun).toBeLessThan(LONGEST_MS);
    expect(grants.every(({ degraded }) => degraded === true)).toBe(true);
    expect(one.authority.stats().inFlight).toBeLessThanOrEqual(101);
    server.signal('SIGCONT');
    await healthy(one);
  });

  it('slots that Redis granted after nobody waited any longer are free again', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), onFailure: 'closed' });
    const two = bucket(slots('two', 2));
    server.signal('SIGSTOP');
    for (const grant of await Promise.all([takeOne(one.authority, two), takeOne(one.authority, two)])) {
      expect(grant.granted).toBe(0);
    }
    server.signal('SIGCONT');
    await healthy(one);
    await waitUntil(
      () => server.cli('zcard', '{headgate}:s:two') === '0',
      'slots of refused calls to be free',
    );
  });
});

describe('S03: Redis slow, cut, read-only, full, loading, or with another password', () => {
  it('200 ms away: a few calls wait 50 ms, then none', async () => {
    const server = await redis();
    const proxy = await proxied(server);
    const one = await readyGate({ url: url(proxy) });
    proxy.delayMs = 200;
    const slow = await load(one, ample, 100, 15);
    expect(Math.max(...slow.took)).toBeLessThan(LONGEST_MS);
    // Each wrong guess that it is well again costs at most five waits; the pauses between them grow.
    expect(waits(slow)).toBeLessThanOrEqual(10);
    expect(slow.granted).toBe(100);
    proxy.delayMs = 0;
    await healthy(one);
  });

  it('connections reset and refused: nobody waits, and it comes back with the network', async () => {
    const server = await redis();
    const proxy = await proxied(server);
    const one = await readyGate({ url: url(proxy) });
    proxy.refuse = true;
    proxy.cut();
    await unhealthy(one);
    const cut = await load(one, ample, 50, 10);
    expectAtOnce(cut.waited);
    expect(cut.degraded).toBe(50);
    proxy.refuse = false;
    await healthy(one);
    expectQuiet(one);
  });

  it('a network that swallows everything', async () => {
    const server = await redis();
    const proxy = await proxied(server);
    const one = await readyGate({ url: url(proxy) });
    proxy.silent = true;
    const silent = await load(one, ample, 60, 20);
    expect(Math.max(...silent.took)).toBeLessThan(LONGEST_MS);
    expectAtOnce(silent.waited.slice(12));
    proxy.silent = false;
    await healthy(one);
    await decidedByRedis(one);
  });

  it('a read-only replica: the policy decides until it is a master again', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    server.cli('replicaof', '127.0.0.1', '1');
    const run = await load(one, ample, 40, 10);
    expect(run.granted).toBe(40);
    await unhealthy(one);
    expect(one.authority.stats().faults.readonly).toBeGreaterThanOrEqual(1);
    server.cli('replicaof', 'no', 'one');
    await healthy(one);
  });

  it('out of memory: the policy decides until there is room', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server), timeoutMs: PATIENT_MS });
    server.cli('config', 'set', 'maxmemory-policy', 'noeviction');
    server.cli('config', 'set', 'maxmemory', '1');
    const run = await load(one, ample, 40, 10);
    expect(run.granted).toBe(40);
    await unhealthy(one);
    expect(one.authority.stats().faults.memory).toBeGreaterThanOrEqual(5);
    server.cli('config', 'set', 'maxmemory', '0');
    await healthy(one);
    expectQuiet(one);
  });

  it('a wrong password: policy, one line a second, no secret in it, and well once the password is right', async () => {
    const server = await redis({ args: ['--requirepass', 'right-password-of-redis'] });
    const one = gate({ url: url(server, ':wrong-password-of-ours@'), onFailure: 'closed' });
    await sleep(2_500);
    await waitUntil(
      () => (one.authority.stats().faults.auth ?? 0) >= 1 && one.lines.length >= 1,
      'the refusal of its password',
    );
    expect(await takeOne(one.authority, ample)).toMatchObject({ granted: 0, degraded: true });
    expectQuiet(one);
    expect(JSON.stringify(one.lines)).not.toContain('wrong-password');
    server.cli('config', 'set', 'requirepass', 'wrong-password-of-ours');
    await granting(one);
  });

  it('a Redis that loads its data set: the policy decides, nobody waits, and it is used as soon as it can be', async () => {
    const server = await redis();
    server.cli('eval', "for i = 1, 150 do redis.call('set', 'k' .. i, string.rep('x', 4096)) end", '0');
    server.cli('save');
    const one = await readyGate({ url: url(server) });
    await server.kill();
    await unhealthy(one);
    // 150 keys, 40 ms each until it is told otherwise; it answers -LOADING between some of them.
    const loaded = server.restart(
      '--key-load-delay',
      '40000',
      '--loading-process-events-interval-bytes',
      '1024',
      '--rdbcompression',
      'no',
    );
    await waitUntil(() => server.cli('ping').startsWith('LOADING'), 'it to load', 5_000, 20);
    const run = await load(one, ample, 60, 5);
    expect(run.granted).toBe(60);
    expect(run.degraded).toBeGreaterThan(0);
    // Asked again and again, it answers that it loads: never a wait for one that is silent.
    expect(Math.max(...run.took)).toBeLessThan(LONGEST_MS);
    server.cli('config', 'set', 'key-load-delay', '0');
    await loaded;
    await healthy(one);
    await decidedByRedis(one);
    expectQuiet(one);
  });

  it('a proxy that says LOADING to calls that Redis would have answered', async () => {
    const server = await redis();
    const proxy = await proxied(server);
    const one = await readyGate({ url: url(proxy) });
    proxy.answer = '-LOADING Redis is loading the dataset in memory\r\n';
    const run = await load(one, ample, 60, 5);
    expect(run.granted).toBe(60);
    expect(Math.max(...run.took)).toBeLessThan(LONGEST_MS);
    expect(one.authority.stats().faults.loading).toBeGreaterThanOrEqual(1);
    await unhealthy(one);
    proxy.answer = null;
    await healthy(one);
    expectQuiet(one);
  });

  it('scripts flushed and connections killed by an operator go unnoticed by most calls', async () => {
    const server = await redis();
    const one = await readyGate({ url: url(server) });
    server.cli('script', 'flush');
    await decidedByRedis(one);
    server.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes');
    await healthy(one);
    expect((await takeOne(one.authority, ample)).granted).toBe(1);
  });
});

describe('S04: Redis evicts', () => {
  it('goes on deciding, and slots in use survive the loss of their key', async () => {
    const server = await redis({ args: ['--maxmemory', '3mb', '--maxmemory-policy', 'allkeys-lru'] });
    const one = await readyGate({ url: url(server), slotLifeMs: 9_000, timeoutMs: PATIENT_MS });
    const held = bucket(slots('held', 2));
    for (let at = 0; at < 2; at++) expect((await takeOne(one.authority, held, `held${at}`)).granted).toBe(1);
    const rule = rate('end-users', 60, 3_600_000);
    for (let at = 0; at < 8_000; at += 200) {
      await Promise.all(
        Array.from({ length: 200 }, (_, more) =>
          takeOne(one.authority, bucket(rule, `end-users|user${at + more}`)),
        ),
      );
    }
    expect(Number(/evicted_keys:(\d+)/.exec(server.cli('info', 'stats'))![1])).toBeGreaterThan(0);
    expect(one.authority.stats()).toMatchObject({ healthy: true, byPolicy: 0 });
    server.cli('del', '{headgate}:s:held');
    await waitUntil(() => server.cli('zcard', '{headgate}:s:held') === '2', 'slots to be renewed');
    expect((await takeOne(one.authority, held)).granted).toBe(0);
    expect(one.authority.stats().bucketsKnown).toBeLessThanOrEqual(10_000);
  });
});

describe('S05: Redis absent at start', () => {
  it('decides by policy from the first call on and shares limits once Redis is there', async () => {
    const port = await freePort();
    const open = gate({ url: url({ port }), onFailure: 'open' });
    const closed = gate({ url: url({ port }), onFailure: 'closed' });
    expect(await open.authority.ready(300)).toBe(false);
    expect(await takeOne(open.authority, ample)).toMatchObject({ granted: 1, degraded: true });
    expect(await takeOne(closed.authority, ample)).toMatchObject({ granted: 0, degraded: true });
    const of = bucket(rate('alone', 100, 1_000, 10));
    const run = await load(open, of, 200, 5);
    expect(busiestWindow(run.grantedAtMs, 1_000)).toBeLessThanOrEqual(111);
    expectAtOnce(run.waited);
    expectQuiet(open);
    await redis({ port });
    await healthy(open);
    await granting(closed);
  });
});
