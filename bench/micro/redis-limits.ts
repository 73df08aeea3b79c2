// What limits in Redis add to a request: CPU of this process and of a real redis-server beside it, for a call that three
// rules match (requests, tokens, slots), with 1 to 256 calls in flight. `node bench/micro/redis-limits.ts [--profile]`.
//
//   ask      the authority alone: one question about three buckets, the slot given back
//   strict   the limiter around it: admit and settle, every call asks
//   lease    the same with leases: 10,000 calls a second, spread evenly, of a limit of 20,000
import { Session } from 'node:inspector/promises';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bucket, LimitDimension, LimitRule } from '../../src/contracts/limits.ts';
import type { Snapshot } from '../../src/contracts/snapshot.ts';
import { principalOf } from '../../src/governance/principal.ts';
import { createLimiter } from '../../src/limiter/limiter.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { createLimitMeter } from '../../src/observability/limit-meter.ts';
import { createRecorder } from '../../src/observability/recorder.ts';
import { createRedisAuthority } from '../../src/redis/limits/authority.ts';
import type { RedisAuthority } from '../../src/redis/options.ts';
import { dialectByName } from '../../src/registry/dialects.ts';
import { fakeCall, fakeProvider } from '../../tests/kit/fake-call.ts';
import { cpuMicros } from '../accounting.ts';
import { freePort, listening, start, stopAll } from '../processes.ts';

const { values } = parseArgs({
  allowNegative: true,
  options: {
    profile: { type: 'boolean', default: false },
    heir: { type: 'boolean', default: true },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '600' },
    in: { type: 'string', default: '1,16,64,256' },
    modes: { type: 'string', default: 'ask,strict,lease' },
    top: { type: 'string', default: '30' },
  },
});
const REDIS_CORE = 1;
const SAMPLE_US = 100;
/** Calls a second with leases. */
const PACE = 10_000;

/** Calls of one mode, one after the other. */
type Work = () => Promise<void>;

interface Sample {
  calls: number;
  ownUs: number;
  redisUs: number;
  /** Mean time a call took, ms. */
  tookMs: number;
}

const clock = { now: () => performance.now(), wall: () => Date.now() };
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}

function rule(name: string, dimension: LimitDimension, limit: number): LimitRule {
  const match = { key: null, model: null, provider: null };
  const slots = dimension === 'concurrent';
  return {
    name,
    dimension,
    per: slots ? [] : ['key'],
    match,
    limit,
    periodMs: slots ? 0 : 1_000,
    ...(slots ? { burst: 0, spacingMs: 0 } : paceOf(limit, 1_000, null)),
  };
}

/** Reserved by each call: its prompt and `max_tokens`; it uses less and gives the rest back. */
const rules = (perSecond: number): LimitRule[] => [
  rule('requests', 'requests', perSecond),
  rule('tokens', 'tokens', perSecond * 300),
  rule('concurrent', 'concurrent', 100_000),
];

function asking(authority: RedisAuthority): Work {
  const buckets = rules(1e6).map((one): Bucket => ({ id: `${one.name}|bench`, rule: one }));
  let serial = 0;
  return async () => {
    const token = `ask-${(serial++).toString(36)}`;
    const grants = await authority.ask(
      buckets.map((bucket) => ({ bucket, need: 1, want: 1 })),
      token,
    );
    if (grants.some(({ granted, degraded }) => granted !== 1 || degraded === true))
      throw new Error('refused');
    authority.giveBack(buckets[2]!, 1, token);
  };
}

function limiting(authority: RedisAuthority, strict: boolean, perSecond: number): Work {
  const limiter = createLimiter({ clock, meter: createLimitMeter(createRecorder()), origin: `b${strict}` });
  const limits = limiter.compile(rules(perSecond), ['p'], authority, {
    holders: 1,
    strict,
    failOpen: false,
    ietf: false,
  });
  const body = { model: 'm', max_tokens: 200, messages: [{ role: 'user', content: 'hello' }] };
  const template = (): ReturnType<typeof fakeCall>['call'] => {
    const { call } = fakeCall('openai-chat', body, [fakeProvider('p', dialectByName('openai-chat'))]);
    (call as { snapshot: Snapshot }).snapshot = { ...call.snapshot, limits };
    call.principal = principalOf({ name: 'team-a' });
    const attempt = { provider: 'p', model: 'm', keyAlias: '', status: 200, errorType: '' };
    const none = { cacheRead: null, cacheWriteShort: null, cacheWriteLong: null, reasoning: null };
    const usage = { input: 10, output: 90, ...none };
    call.attempts.push({
      ...attempt,
      usage,
      quantities: null,
      contentEvents: 0,
      costNano: null,
      priceVersion: '',
      estimated: false,
      answerBytes: 0,
      queuedAt: 0,
      slotAt: 0,
      connectMs: 0,
      sentAt: 1,
      headAt: 0,
      endAt: 0,
    });
    call.usage = usage;
    return call;
  };
  const idle: ReturnType<typeof template>[] = [];
  return async () => {
    const call = idle.pop() ?? template();
    call.limits = null;
    const admitted = limiter.admit(call);
    if (admitted !== null) {
      const error = await admitted;
      if (error !== null) throw error;
    }
    limiter.settled(call);
    idle.push(call);
  };
}

/** `inFlight` chains of calls for `ms`. */
async function round(work: Work, inFlight: number, ms: number, pid: number): Promise<Sample> {
  const end = performance.now() + ms;
  const redisBefore = cpuMicros(pid);
  const before = process.cpuUsage();
  const begun = performance.now();
  let calls = 0;
  const chain = async (): Promise<void> => {
    while (performance.now() < end) {
      const at = calls++;
      await work();
      // Where calls do not wait, sockets are read now and then all the same, as under load.
      if (at % 64 === 63) await turn();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, chain));
  const { user, system } = process.cpuUsage(before);
  const tookMs = ((performance.now() - begun) * inFlight) / calls;
  return { calls, ownUs: (user + system) / calls, redisUs: (cpuMicros(pid) - redisBefore) / calls, tookMs };
}

/** `PACE` calls a second for `ms`, whatever becomes of those before; the loop that makes them is not counted. */
async function pacedRound(work: Work, ms: number, pid: number): Promise<Sample> {
  const idle = await pacedLoop(async () => undefined, ms, pid);
  const busy = await pacedLoop(work, ms, pid);
  return { ...busy, ownUs: busy.ownUs - idle.ownUs, redisUs: busy.redisUs - idle.redisUs };
}

async function pacedLoop(work: Work, ms: number, pid: number): Promise<Sample> {
  const redisBefore = cpuMicros(pid);
  const before = process.cpuUsage();
  const begun = performance.now();
  const open: Promise<void>[] = [];
  let calls = 0;
  let tookMs = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - begun) {
    for (const due = (passed * PACE) / 1000; calls < due; calls++) {
      const at = performance.now();
      open.push(
        work().then(() => {
          tookMs += performance.now() - at;
        }),
      );
    }
    await sleep(1);
  }
  await Promise.all(open);
  const { user, system } = process.cpuUsage(before);
  const redisUs = (cpuMicros(pid) - redisBefore) / calls;
  return { calls, ownUs: (user + system) / calls, redisUs, tookMs: tookMs / calls };
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[numbers.length >> 1]!;

async function profiled(work: Work, inFlight: number, ms: number, pid: number): Promise<string> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
  await session.post('Profiler.start');
  const { calls } = await round(work, inFlight, ms, pid);
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  const names = new Map(
    profile.nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => {
      const file = url.replace(/^.*\/(node_modules|main)\//, '');
      return [id, file === '' ? functionName : `${functionName || '(anonymous)'}  ${file}:${lineNumber + 1}`];
    }),
  );
  const self = new Map<string, number>();
  profile.samples?.forEach((id, at) => {
    const name = names.get(id) ?? '?';
    if (name !== '(idle)') self.set(name, (self.get(name) ?? 0) + (profile.timeDeltas?.[at] ?? 0));
  });
  return [...self]
    .sort((a, b) => b[1] - a[1])
    .slice(0, Number(values.top))
    .map(([name, us]) => `${(us / calls).toFixed(2).padStart(8)} us  ${name}`)
    .join('\n');
}

const port = await freePort();
const redis = start('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
  cores: [REDIS_CORE],
});
try {
  await listening(port, redis);
  const pid = redis.pid!;
  const url = `redis://127.0.0.1:${port}`;
  // What is measured is Redis answering, not a busy machine keeping it from that.
  const patient = { onFailure: 'closed', timeoutMs: 2_000, keyPrefix: 'bench' } as const;
  // A primary that hears all: what calls reserve is listed as in a worker.
  const heir = { listening: true, tell: async () => undefined };
  const deps = { clock, log: silent, random: Math.random, ...(values.heir ? { heir } : {}) };
  const strict = createRedisAuthority({ ...patient, url, mode: 'strict' }, deps);
  const lease = createRedisAuthority({ ...patient, url, mode: 'lease', keyPrefix: 'leases' }, deps);
  for (const authority of [strict, lease]) if (!(await authority.ready(5_000))) throw new Error('no Redis');
  const works: Record<string, Work> = {
    ask: asking(strict),
    strict: limiting(strict, true, 1e6),
    lease: limiting(lease, false, 2 * PACE),
  };
  const modes = values.modes.split(',').map((name) => [name, works[name]!] as const);
  const counts = values.in.split(',').map(Number);
  const ms = Number(values.ms);
  for (const [name, work] of modes) {
    if (name === 'lease') await pacedLoop(work, ms, pid);
    else await round(work, 64, ms, pid);
  }
  if (values.profile) {
    for (const [name, work] of modes) {
      for (const inFlight of counts) {
        console.log(
          `\n${name}, ${inFlight} in flight: self time a call\n${await profiled(work, inFlight, ms, pid)}`,
        );
      }
    }
  } else {
    const samples = new Map<string, Sample[]>();
    const keep = (name: string, load: string, sample: Sample): void => {
      const key = `${name.padEnd(7)} ${load.padStart(9)}`;
      samples.set(key, [...(samples.get(key) ?? []), sample]);
    };
    for (let at = 0; at < Number(values.rounds); at++) {
      for (const [name, work] of modes) {
        if (name === 'lease') keep(name, `${PACE}/s`, await pacedRound(work, ms, pid));
        else
          for (const inFlight of counts) keep(name, String(inFlight), await round(work, inFlight, ms, pid));
      }
    }
    console.log('mode    in flight   CPU us a call (rounds)        Redis us   ms a call   calls a second');
    for (const [key, list] of [...samples].sort(([a], [b]) => a.localeCompare(b))) {
      const own = list.map(({ ownUs }) => ownUs);
      const range = `${median(own).toFixed(2).padStart(8)} (${own[0]!.toFixed(1)} - ${own.at(-1)!.toFixed(1)})`;
      const redisUs = median(list.map((one) => one.redisUs)).toFixed(1);
      const took = median(list.map(({ tookMs }) => tookMs)).toFixed(3);
      const rate = ((median(list.map(({ calls }) => calls)) * 1000) / ms).toFixed(0);
      console.log(
        `${key}   ${range.padEnd(28)} ${redisUs.padStart(9)} ${took.padStart(11)} ${rate.padStart(16)}`,
      );
    }
  }
  await Promise.all([strict.close(), lease.close()]);
} finally {
  await stopAll();
}
process.exit(0);
