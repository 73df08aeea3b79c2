// A loop with a clock of its own: heads come, cost what reading costs, are refused or run; what was run has an answer that costs again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { HeaderBag } from '../contracts/headers.ts';
import { PRIORITIES } from '../contracts/holder.ts';
import { ClassQueue } from '../lanes/class-queue.ts';
import { Backlog, type Waiting } from './backlog.ts';

const TARGET_MS = 500;
const [HIGH, NORMAL, LOW, BATCH] = [0, 1, 2, 3] as const;
/** Of one call: reading its head, refusing it, the rest of its way to the provider, its answer. Two in a millisecond are all a core can. */
const COST = { read: 0.03, refuse: 0.05, run: 0.32, answer: 0.15 };
const CAPACITY = 1 / (COST.read + COST.run + COST.answer);
const PROVIDER_MS = 2;
/** What the kernel gives at once, and how often before a loop goes on. */
const READY_AT_ONCE = 1_024;
const POLLS = 48;

/** Only what the backlog looks at. */
function callOf(rank: number, body: Buffer | null): Call {
  const principal = { priority: PRIORITIES[rank] };
  return { settled: false, body, principal, head: { headers: new HeaderBag() } } as unknown as Call;
}

interface Arrival {
  at: number;
  rank: number;
}

interface Seen {
  /** By rank: from coming to being refused, or to the end of the answer. */
  refused: number[][];
  served: number[][];
  /** When the last was served. */
  endedAt: number;
}

interface Setting {
  targetMs?: number;
  /** ms for which nothing runs from then on. */
  stall?: (now: number) => number;
  /** Sends again as soon as it is answered, until then. */
  againUntil?: number;
  /** How much longer a call takes, of which so many were run before it. */
  slow?: (ran: number) => number;
}

/** Everything in `arrivals` comes in that order. */
function play(
  arrivals: readonly Arrival[],
  { targetMs = TARGET_MS, stall, againUntil = 0, slow }: Setting = {},
): Seen {
  const seen: Seen = { refused: [[], [], [], []], served: [[], [], [], []], endedAt: 0 };
  const queue = [...arrivals];
  const answers: Arrival[] = [];
  const came = new Map<Call, Arrival>();
  let now = 0;
  let immediate: (() => void) | null = null;
  const again = (arrival: Arrival): void => {
    if (now < againUntil) queue.push({ at: now, rank: arrival.rank });
  };
  let ran = 0;
  const work = (ms: number): void => {
    now += ms;
    now += stall?.(now) ?? 0;
  };
  const run = (call: Call): void => {
    work(COST.run * (slow?.(ran++) ?? 1));
    answers.push({ ...came.get(call)! });
    dueAt.push(now + PROVIDER_MS);
  };
  const dueAt: number[] = [];
  const backlog = new Backlog({
    now: () => now,
    run,
    later: (then) => {
      immediate = then;
    },
    waited: () => {},
    queue: new ClassQueue<Waiting>(),
  });
  backlog.follow(targetMs);
  let head = 0;
  let answered = 0;
  for (;;) {
    now += stall?.(now) ?? 0;
    let worked = false;
    for (let poll = 0; poll < POLLS; poll++) {
      let ready = 0;
      const answersNow = dueAt.length;
      for (; answered < answersNow && dueAt[answered]! <= now && ready < READY_AT_ONCE / 2; ready++) {
        const arrival = answers[answered++]!;
        work(COST.answer);
        seen.served[arrival.rank]!.push(now - arrival.at);
        seen.endedAt = now;
        again(arrival);
      }
      const heads = queue.length;
      for (; head < heads && queue[head]!.at <= now && ready < READY_AT_ONCE; ready++) {
        const arrival = queue[head++]!;
        backlog.tick(now);
        if (backlog.refuses(arrival.rank)) {
          work(COST.refuse);
          seen.refused[arrival.rank]!.push(now - arrival.at);
          again(arrival);
          continue;
        }
        work(COST.read);
        const call = callOf(arrival.rank, null);
        came.set(call, arrival);
        if (!backlog.takes(call)) run(call);
      }
      worked ||= ready > 0;
      if (ready < READY_AT_ONCE) break;
    }
    const behindPoll: (() => void) | null = immediate;
    immediate = null;
    (behindPoll as (() => void) | null)?.();
    if (worked || behindPoll !== null) continue;
    const next = Math.min(queue[head]?.at ?? Infinity, dueAt[answered] ?? Infinity);
    if (next === Infinity) return seen;
    now = Math.max(now, next);
  }
}

/** So many times what a core can, evenly, by rank in turn. */
function offered(times: number, ms: number, ranks: readonly number[] = [NORMAL]): Arrival[] {
  const gap = 1 / (CAPACITY * times);
  return Array.from({ length: Math.floor(ms / gap) }, (_, at) => ({
    at: at * gap,
    rank: ranks[at % ranks.length]!,
  }));
}

/** Runs for a part of each period, as a container with less than a core does, and not at all for the rest of it. */
function throttled(part: number, periodMs = 100): (now: number) => number {
  return (now) => {
    const used = now % periodMs;
    return used < periodMs * part ? 0 : periodMs - used;
  };
}

/** What V8 has not compiled yet takes ten times as long. */
const cold = (ran: number): number => 1 + 10 * Math.exp(-ran / 150);

/** So many at once. */
function burst(size: number, rank: number = NORMAL, at = 0): Arrival[] {
  return Array.from({ length: size }, () => ({ at, rank }));
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)]!;
}

describe('a core with twice as much as it can do', () => {
  const seen = play(offered(2, 6_000));

  test('O01: what it takes waits as long as allowed, what it does not is told at once', () => {
    expect(p99(seen.served[NORMAL]!)).toBeLessThan(TARGET_MS * 2.5);
    expect(p99(seen.served[NORMAL]!.slice(6_000))).toBeLessThan(TARGET_MS * 1.2);
    expect(p99(seen.refused[NORMAL]!)).toBeLessThan(12);
  });

  test('and serves nearly as much as it can: refusals cost the rest', () => {
    expect(seen.served[NORMAL]!.length / (seen.endedAt * CAPACITY)).toBeGreaterThan(0.85);
  });
});

test('O02: no high call is refused while low ones are taken, and the lowest go first', () => {
  const { refused, served } = play(offered(2, 12_000, [HIGH, NORMAL, LOW, BATCH]));
  const all = served[HIGH]!.length;
  const share = (rank: number): number => served[rank]!.length / all;
  expect(refused[HIGH]!).toEqual([]);
  expect(share(NORMAL)).toBeGreaterThan(0.6);
  expect(share(LOW)).toBeLessThan(0.3);
  expect(share(BATCH)).toBeLessThan(0.3);
});

test('a higher class waits less, and none of them for ever', () => {
  const { served } = play(offered(2, 8_000, [HIGH, NORMAL, LOW, BATCH]));
  const [high, normal, low, batch] = served.map(p99);
  expect(high!).toBeLessThan(normal! * 0.6);
  expect(normal!).toBeLessThan(low!);
  expect(Math.max(low!, batch!)).toBeLessThan(6 * TARGET_MS);
});

test('at nine tenths of what it can do nobody is refused', () => {
  const { refused } = play(offered(0.9, 5_000));
  expect(refused.flat()).toEqual([]);
});

test('clients that come again at once do not get the core for their refusals', () => {
  const { served, endedAt } = play(burst(4_096), { againUntil: 5_000 });
  expect(served[NORMAL]!.length / (endedAt * CAPACITY)).toBeGreaterThan(0.55);
});

test.each([
  [512, undefined],
  [256, throttled(0.5)],
])('%i clients that come again at once are all served', (clients, stall) => {
  const { refused } = play(burst(clients), { againUntil: 5_000, ...(stall && { stall }) });
  expect(refused.flat()).toEqual([]);
});

describe('a burst', () => {
  test('is served, however long the last of it waits', () => {
    const { refused, served } = play(burst(2_000, BATCH));
    expect([refused.flat().length, served[BATCH]!.length]).toEqual([0, 2_000]);
  });

  test.each([0.5, 0.25])('of a process that has just begun, with %f of a core, too', (part) => {
    const { refused } = play(burst(2_000), { stall: throttled(part), slow: cold });
    expect(refused.flat()).toEqual([]);
  });

  test('that spreads over a second while half a core begins what came, too', () => {
    const arrivals = Array.from({ length: 1_200 }, (_, at) => ({ at: at * 0.8, rank: NORMAL }));
    expect(play(arrivals, { stall: throttled(0.5), slow: cold }).refused.flat()).toEqual([]);
  });

  test('is not measured by what calls took long before', () => {
    const arrivals = [...burst(1_100), ...burst(2_000, BATCH, 60_000)];
    const { refused } = play(arrivals, { slow: (ran) => (ran < 1_100 ? 10 : 1) });
    expect(refused[BATCH]!).toEqual([]);
  });

  test('of more than ten times what may wait is not served whole', () => {
    const { refused, served } = play(burst(30_000));
    expect(refused[NORMAL]!.length).toBeGreaterThan(0);
    expect(Math.max(...served[NORMAL]!)).toBeLessThan(11 * TARGET_MS);
  });
});

test.each([0.5, 0.2, 0.1])('with %f of a core nobody is refused at nine tenths of it', (part) => {
  const { refused } = play(offered(part * 0.9, 10_000), { stall: throttled(part) });
  expect(refused.flat()).toEqual([]);
});

test('with half a core and twice what that can, calls wait a bounded time', () => {
  const { refused, served } = play(offered(1, 10_000), { stall: throttled(0.5) });
  expect(refused[NORMAL]!.length).toBeGreaterThan(3_000);
  expect(p99(served[NORMAL]!)).toBeLessThan(TARGET_MS * 3);
});

test('a process that the machine does not let run now and then refuses nobody', () => {
  let stalledAt = 0;
  const stall = (now: number): number => {
    if (now - stalledAt < 1_000) return 0;
    stalledAt = now + 300;
    return 300;
  };
  expect(play(offered(0.5, 10_000), { stall }).refused.flat()).toEqual([]);
});

test('takes all again as soon as there is less to do', () => {
  const much = offered(2, 3_000);
  const less = offered(0.8, 3_000).map(({ at, rank }) => ({
    at: at + 3_700,
    rank: rank === NORMAL ? BATCH : rank,
  }));
  const { refused } = play([...much, ...less]);
  expect(refused[NORMAL]!.length).toBeGreaterThan(1_000);
  expect(refused[BATCH]!).toEqual([]);
});

test('whatever comes, whenever: nobody is refused who would not wait longer than allowed, and all others are served in order', () => {
  const gaps = fc.array(fc.record({ ms: fc.double({ min: 0, max: 30, noNaN: true }), many: fc.nat(400) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 20, max: 400 }), (parts, targetMs) => {
      let at = 0;
      const arrivals = parts.flatMap(({ ms, many }) => {
        at += ms;
        return Array.from({ length: many }, () => ({ at, rank: NORMAL }));
      });
      const { refused, served } = play(arrivals, { targetMs });
      expect(refused[NORMAL]!.length + served[NORMAL]!.length).toBe(arrivals.length);
      // With all of it together shorter than that nobody can have to wait so long.
      if (arrivals.length / CAPACITY < targetMs) expect(refused[NORMAL]!).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

describe('a call that waits', () => {
  function setUp() {
    let now = 100;
    const ran: Call[] = [];
    const behindPoll: (() => void)[] = [];
    const backlog = new Backlog({
      now: () => now,
      run: (call) => {
        now += 3;
        ran.push(call);
      },
      later: (then) => behindPoll.push(then),
      waited: () => {},
      queue: new ClassQueue<Waiting>(),
    });
    backlog.follow(TARGET_MS);
    const call = (bytes = 0, rank: number = NORMAL): Call => callOf(rank, Buffer.alloc(bytes));
    /** A turn that is older than it is to be. */
    const grow = (): void => {
      backlog.takes(call());
      now += 6;
    };
    return {
      backlog,
      ran,
      call,
      grow,
      poll: () => behindPoll.shift()?.(),
      pass: (ms: number) => (now += ms),
    };
  }

  test('is run in a later turn, a few in each', () => {
    const { backlog, ran, call, grow, poll } = setUp();
    grow();
    const calls = [call(), call(), call()];
    expect(calls.map((one) => backlog.takes(one))).toEqual([true, true, true]);
    poll();
    expect(ran).toEqual(calls.slice(0, 2));
    poll();
    expect(ran).toEqual(calls);
    expect(backlog.size).toBe(0);
  });

  test('goes behind one of a higher class that came later, and gets on beside many of those', () => {
    const { backlog, ran, call, grow, poll } = setUp();
    grow();
    const low = call(0, BATCH);
    const high = Array.from({ length: 12 }, () => call(0, HIGH));
    for (const one of [call(0, BATCH), low, ...high]) backlog.takes(one);
    poll();
    expect(ran).toContain(high[0]);
    expect(ran).not.toContain(low);
    while (backlog.size > 0) poll();
    expect(ran.indexOf(low)).toBeLessThan(ran.indexOf(high[11]!));
  });

  test('whose client has left is not run', () => {
    const { backlog, ran, call, grow, poll } = setUp();
    grow();
    const [gone, here] = [call(), call()];
    backlog.takes(gone);
    backlog.takes(here);
    Object.assign(gone, { settled: true });
    poll();
    expect(ran).toEqual([here]);
  });

  test('goes before one that comes with more bytes than may wait', () => {
    const { backlog, ran, call, grow } = setUp();
    grow();
    const first = call(40 * 1024 * 1024);
    backlog.takes(first);
    expect(ran).toEqual([]);
    backlog.takes(call(40 * 1024 * 1024));
    expect(ran).toEqual([first]);
    expect(backlog.size).toBe(1);
  });

  test('leaves no wait that stands where all were run for their bytes', () => {
    const { backlog, call, grow, poll } = setUp();
    backlog.follow(10);
    grow();
    for (let many = 0; many < 2_000; many++) backlog.takes(call());
    for (let slices = 0; slices < 600; slices++) poll();
    expect([backlog.standing, backlog.size > 0]).toEqual([true, true]);
    backlog.takes(call(65 * 1024 * 1024));
    expect(backlog.size).toBe(0);
    poll();
    expect(backlog.standing).toBe(false);
  });

  test('is none with a target of 0, and what waited before is served', () => {
    const { backlog, ran, call, grow, poll } = setUp();
    grow();
    backlog.takes(call());
    backlog.follow(0);
    expect(backlog.refuses(BATCH)).toBe(false);
    poll();
    expect(ran).toHaveLength(1);
    grow();
    expect(backlog.takes(call())).toBe(false);
  });
});
