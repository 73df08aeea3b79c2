import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { LaneSeat, ShareBroker } from '../contracts/lane.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createLane, type LaneShare, type WorkerLane } from './lane.ts';

const clock = { now: () => Date.now(), wall: () => Date.now() };

const upstream = () => ({
  send: () => {
    throw new Error('not used here');
  },
  stats: () => ({ connected: 0, running: 0, pending: 0 }),
  close: vi.fn(async () => {}),
});

const provider = (lane: Partial<ProviderConfig['lane']> = {}): ProviderConfig =>
  makeProvider('p', {
    lane: { concurrency: 2, queue: 2, queueTimeoutMs: 1000, onFull: 'shed', ...lane },
    retries: { max: 0, backoffMs: 0, maxBackoffMs: 0, maxAttempts: 1 },
  });

interface Setup {
  lane: WorkerLane;
  wants: [kind: string, count: number][];
  log: string[];
  errors: GatewayError[];
  enter(name: string, rank?: number): LaneSeat;
  upstream: ReturnType<typeof upstream>;
}

function setup(config: Partial<ProviderConfig['lane']> = {}, share?: LaneShare, broker?: ShareBroker): Setup {
  const made = provider(config);
  const wants: [string, number][] = [];
  const up = upstream();
  const lane = createLane(made, {
    upstream: up as unknown as Upstream,
    clock,
    broker: broker ?? { gone: false, want: (_lane, kind, count) => void wants.push([kind, count]) },
    share: share ?? { run: made.lane.concurrency, wait: made.lane.queue },
  });
  const log: string[] = [];
  const errors: GatewayError[] = [];
  const enter = (name: string, rank = 1) =>
    lane.enter({
      rank,
      onSlot: () => void log.push(`${name} runs`),
      onShed(error) {
        log.push(`${name} ${error.code}`);
        errors.push(error);
      },
    });
  return { lane, wants, log, errors, enter, upstream: up };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a lane that holds all of its numbers', () => {
  it('runs as many as its concurrency, lets its queue wait in order, and sheds the rest at once', () => {
    const { enter, log, errors, lane, wants } = setup();
    const seats = ['a', 'b', 'c', 'd', 'e'].map((name) => enter(name));
    expect(log).toEqual(['a runs', 'b runs', 'e GW_LANE_FULL']);
    expect(errors[0]).toMatchObject({ status: 503, retry: 'next', retryAfterMs: 1000 });
    expect(lane.stats()).toEqual({ inFlight: 2, queued: 2, shed: 1, runShare: 2, waitShare: 2, limit: null });
    seats[1]!.leave();
    seats[0]!.leave();
    expect(log.slice(3)).toEqual(['c runs', 'd runs']);
    expect(wants).toEqual([]);
  });

  it('counts each leave once', () => {
    const { enter, log, lane } = setup({ concurrency: 1 });
    const [a, b] = ['a', 'b', 'c'].map((name) => enter(name));
    a!.leave();
    a!.leave();
    expect(log).toEqual(['a runs', 'b runs']);
    b!.leave();
    expect(lane.stats()).toMatchObject({ inFlight: 1, queued: 0 });
  });

  it('frees the place of one that leaves the queue, from the middle too', () => {
    const { enter, log } = setup({ concurrency: 1, queue: 3 });
    const [a, b, c] = ['a', 'b', 'c', 'd'].map((name) => enter(name));
    c!.leave();
    enter('e');
    enter('f');
    a!.leave();
    b!.leave();
    expect(log).toEqual(['a runs', 'f GW_LANE_FULL', 'b runs', 'd runs']);
  });

  it('waits for nothing when its queue is 0', () => {
    const { enter, log } = setup({ concurrency: 1, queue: 0 });
    const a = enter('a');
    enter('b');
    a.leave();
    enter('c');
    expect(log).toEqual(['a runs', 'b GW_LANE_FULL', 'c runs']);
  });

  it('turns away who has waited for queueTimeoutMs, and keeps the timer only while somebody waits', () => {
    const { enter, log, errors, lane } = setup({ concurrency: 1, queue: 5 });
    enter('a');
    expect(vi.getTimerCount()).toBe(0);
    enter('b');
    vi.advanceTimersByTime(600);
    enter('c');
    vi.advanceTimersByTime(449);
    expect(log).toEqual(['a runs', 'b GW_LANE_QUEUE_TIMEOUT']);
    vi.advanceTimersByTime(700);
    expect(log.at(-1)).toBe('c GW_LANE_QUEUE_TIMEOUT');
    expect(errors[0]!.retryAfterMs).toBeGreaterThanOrEqual(1000);
    expect(lane.stats()).toMatchObject({ queued: 0, shed: 2 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells the shed how long the queue really takes', () => {
    const { enter, errors } = setup({ concurrency: 1, queue: 4, queueTimeoutMs: 60_000 });
    const first = enter('a');
    vi.advanceTimersByTime(4000);
    first.leave();
    for (const name of ['b', 'c', 'd', 'e', 'f', 'g']) enter(name);
    expect(errors[0]!.retryAfterMs).toBe(20_000);
  });

  it('lets `block` wait beyond the queue', () => {
    const { enter, log, wants } = setup({ concurrency: 1, queue: 1, onFull: 'block' });
    const a = enter('a');
    for (const name of ['b', 'c', 'd']) enter(name);
    expect(log).toEqual(['a runs']);
    expect(wants).toEqual([]);
    a.leave();
    expect(log).toEqual(['a runs', 'b runs']);
    vi.advanceTimersByTime(1100);
    expect(log.slice(2)).toEqual(['c GW_LANE_QUEUE_TIMEOUT', 'd GW_LANE_QUEUE_TIMEOUT']);
  });

  it('serves a long queue of calls that end at once without growing the stack', () => {
    const { lane } = setup({ concurrency: 1, queue: 50_000 });
    let served = 0;
    const first = lane.enter({ onSlot() {}, onShed() {} });
    for (let i = 0; i < 50_000; i++) {
      const seat = lane.enter({
        onSlot() {
          served++;
          seat.leave();
        },
        onShed() {},
      });
    }
    first.leave();
    expect(served).toBe(50_000);
    expect(lane.stats().inFlight).toBe(0);
  });

  it('fails only the call whose onSlot throws', () => {
    const { lane, enter, log } = setup({ concurrency: 1 });
    const a = enter('a');
    const errors: string[] = [];
    lane.enter({
      onSlot() {
        throw new TypeError('bug');
      },
      onShed: ({ code }) => errors.push(code),
    });
    enter('c');
    a.leave();
    expect(errors).toEqual(['GW_GATEWAY_INTERNAL']);
    expect(log).toEqual(['a runs', 'c runs']);
    expect(lane.stats().inFlight).toBe(1);
  });

  it('gives a place to a waiter that comes back while others are being served', () => {
    const { lane, enter, log } = setup({ concurrency: 1, queue: 1 });
    const a = enter('a');
    lane.enter({
      onSlot: () => {
        log.push('b runs');
        enter('b again');
        enter('b thrice');
      },
      onShed() {},
    });
    a.leave();
    expect(log).toEqual(['a runs', 'b runs', 'b thrice GW_LANE_FULL']);
    expect(lane.stats()).toMatchObject({ inFlight: 1, queued: 1 });
  });
});

describe('a lane that holds a part of them', () => {
  it('queues within its share and asks for run slots meanwhile', () => {
    const { lane, enter, log, wants } = setup({ concurrency: 4, queue: 4 }, { run: 1, wait: 2 });
    enter('a');
    enter('b');
    enter('c');
    expect(log).toEqual(['a runs']);
    expect(wants).toEqual([['run', 1]]); // one question at a time
    lane.grant('run', 1);
    expect(log).toEqual(['a runs', 'b runs']);
    expect(wants.slice(1)).toEqual([['run', 1]]); // more may be had for c
    lane.grant('run', 0);
    expect(lane.stats()).toMatchObject({ inFlight: 2, queued: 1, runShare: 2 });
  });

  it('lets a call beyond its share wait for the answer, and sheds only when neither slot nor place is given', () => {
    const { lane, enter, log, wants } = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 0 });
    enter('a');
    expect(log).toEqual([]);
    expect(wants).toEqual([
      ['run', 1],
      ['wait', 1],
    ]);
    lane.grant('wait', 0);
    expect(log).toEqual([]);
    lane.grant('run', 0);
    expect(log).toEqual(['a GW_LANE_FULL']);
  });

  it('runs or queues the asking call when one of the two is given', () => {
    const { lane, enter, log } = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 0 });
    enter('a');
    lane.grant('run', 0);
    lane.grant('wait', 1);
    expect(lane.stats()).toMatchObject({ queued: 1, waitShare: 1 });
    lane.grant('run', 1);
    expect(log).toEqual(['a runs']);
  });

  it('does not shed callers the first grant was too small for before asking again', () => {
    const { lane, enter, log, wants } = setup({ concurrency: 3, queue: 0 }, { run: 0, wait: 0 });
    enter('a');
    enter('b');
    expect(wants).toEqual([['run', 1]]); // no place to be had: queue is 0
    lane.grant('run', 1);
    expect(wants).toEqual([
      ['run', 1],
      ['run', 1],
    ]);
    lane.grant('run', 1);
    expect(log).toEqual(['a runs', 'b runs']);
  });

  it('pauses after a refusal, briefly, and then asks again', () => {
    const { lane, enter, log, wants } = setup({ concurrency: 2, queue: 0 }, { run: 0, wait: 0 });
    enter('a');
    lane.grant('run', 0);
    enter('b');
    expect(log).toEqual(['a GW_LANE_FULL', 'b GW_LANE_FULL']);
    expect(wants).toHaveLength(1);
    vi.advanceTimersByTime(5);
    enter('c');
    expect(wants).toHaveLength(2);
    lane.grant('run', 1);
    expect(log.at(-1)).toBe('c runs');
  });

  it('takes the silence of the primary for a refusal', () => {
    const { enter, log } = setup({ concurrency: 2, queue: 2, queueTimeoutMs: 60_000 }, { run: 0, wait: 0 });
    enter('a');
    vi.advanceTimersByTime(2_900);
    expect(log).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(log).toEqual(['a GW_LANE_FULL']);
  });

  it('waits for the primary no longer than its calls may wait', () => {
    const { enter, log } = setup({ concurrency: 2, queue: 2, queueTimeoutMs: 1_000 }, { run: 0, wait: 0 });
    enter('a');
    vi.advanceTimersByTime(950);
    expect(log).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(log).toEqual(['a GW_LANE_FULL']);
  });

  it('does not wait for a primary that is gone', () => {
    const broker = { gone: false, want: () => undefined };
    const { enter, log } = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 0 }, broker);
    enter('a');
    vi.advanceTimersByTime(200);
    expect(log).toEqual([]);
    broker.gone = true;
    vi.advanceTimersByTime(100);
    expect(log).toEqual(['a GW_LANE_FULL']);
  });

  it('turns nobody away for an answer that came while the worker itself stood still', () => {
    const { lane, enter, log } = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 0 });
    enter('a');
    vi.setSystemTime(Date.now() + 60_000);
    vi.advanceTimersByTime(50);
    lane.grant('run', 1);
    expect(log).toEqual(['a runs']);
  });

  it('uses share that comes unasked', () => {
    const { lane, enter, log } = setup({ concurrency: 4, queue: 4 }, { run: 0, wait: 3 });
    enter('a');
    lane.grant('run', 0);
    lane.grant('run', 2);
    expect(log).toEqual(['a runs']);
    expect(lane.stats().runShare).toBe(2);
  });

  it('works with a broker that answers at once', () => {
    let lane: WorkerLane | null = null;
    let left = 1;
    const answer: ShareBroker = {
      gone: false,
      want(_lane, kind, count) {
        const given = kind === 'run' ? Math.min(left, count) : 0;
        left -= given;
        lane!.grant(kind, given);
      },
    };
    const made = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 0 }, answer);
    lane = made.lane;
    made.enter('a');
    made.enter('b');
    expect(made.log).toEqual(['a runs', 'b GW_LANE_FULL']);
  });

  it('gives back what is idle and nothing else', () => {
    const { lane, enter } = setup({ concurrency: 8, queue: 8 }, { run: 3, wait: 4 });
    ['a', 'b'].map((name) => enter(name));
    expect(lane.yieldIdle('run', 5)).toBe(1);
    expect(lane.yieldIdle('run', 5)).toBe(0);
    enter('c');
    expect(lane.yieldIdle('wait', 2)).toBe(2);
    expect(lane.yieldIdle('wait', 9)).toBe(1);
    expect(lane.stats()).toMatchObject({ runShare: 2, waitShare: 1, queued: 1 });
  });

  it('lets a freed slot rest for another worker when it never falls idle', () => {
    const { lane, enter, log } = setup({ concurrency: 1, queue: 4 }, { run: 1, wait: 4 });
    const a = enter('a');
    enter('b');
    vi.advanceTimersByTime(300);
    expect(lane.yieldIdle('run', 1)).toBe(0);
    a.leave();
    expect(log).toEqual(['a runs']);
    expect(lane.yieldIdle('run', 1)).toBe(1); // the primary asks again and finds it
    lane.grant('run', 1);
    expect(log).toEqual(['a runs', 'b runs']);
  });

  it('takes the resting slot itself when nobody comes for it, and turns nobody away for it', () => {
    const { lane, enter, log } = setup({ concurrency: 1, queue: 1 }, { run: 1, wait: 1 });
    const a = enter('a');
    vi.advanceTimersByTime(300);
    lane.yieldIdle('run', 1);
    a.leave();
    const b = enter('b'); // waits in the queue for the time being
    expect(log).toEqual(['a runs']);
    enter('c'); // the queue is full: the slot is used
    expect(log).toEqual(['a runs', 'b runs']);
    vi.advanceTimersByTime(300);
    lane.yieldIdle('run', 1);
    b.leave();
    vi.advanceTimersByTime(130);
    expect(log).toEqual(['a runs', 'b runs', 'c runs']);
  });
});

describe('a new configuration', () => {
  it('drops nobody and lets more run when the numbers grow', () => {
    const { lane, enter, log, upstream: before } = setup({ concurrency: 1, queue: 3 });
    ['a', 'b', 'c'].map((name) => enter(name));
    const next = upstream();
    const wider = provider({ concurrency: 3, queue: 0 });
    lane.adopt(wider, { run: 2, wait: 0 }, next as unknown as Upstream);
    expect(log).toEqual(['a runs', 'b runs']);
    expect(lane.stats()).toMatchObject({ queued: 1, runShare: 2, waitShare: 0 });
    expect(lane.provider).toBe(wider);
    expect(lane.upstream).toBe(next);
    expect(before.close).toHaveBeenCalledOnce();
  });

  it('starts no call above a smaller share until enough have left', () => {
    const { lane, enter, log } = setup({ concurrency: 3, queue: 3 });
    const seats = ['a', 'b', 'c', 'd'].map((name) => enter(name));
    lane.adopt(provider({ concurrency: 1, queue: 3 }), { run: 1, wait: 3 }, null);
    seats[0]!.leave();
    seats[1]!.leave();
    expect(log).toHaveLength(3);
    seats[2]!.leave();
    expect(log.at(-1)).toBe('d runs');
  });

  it('closes behind the last call, and serves who waits till then without asking for share', async () => {
    const {
      lane,
      enter,
      log,
      upstream: up,
      wants,
    } = setup({ concurrency: 2, queue: 2 }, { run: 0, wait: 2 });
    const a = enter('a');
    expect(wants).toEqual([['run', 1]]);
    let closed = false;
    const closing = lane.close().then(() => {
      closed = true;
    });
    expect(log).toEqual(['a runs']);
    const b = enter('b');
    vi.advanceTimersByTime(200);
    expect(wants).toHaveLength(1);
    a.leave();
    await Promise.resolve();
    expect(closed).toBe(false);
    b.leave();
    await closing;
    expect(up.close).toHaveBeenCalledOnce();
  });
});

describe('classes of calls', () => {
  it('the lowest goes first when there is no room for a higher one, and never for its own class or a lower one', () => {
    const { enter, log } = setup({ concurrency: 1, queue: 2 });
    enter('running', 0);
    enter('batch', 3);
    enter('low', 2);
    enter('another low', 2);
    enter('normal', 1);
    enter('high', 0);
    enter('another high', 0);
    expect(log).toEqual([
      'running runs',
      'batch GW_LANE_FULL',
      'another low GW_LANE_FULL',
      'low GW_LANE_FULL',
      'normal GW_LANE_FULL',
    ]);
  });
});
