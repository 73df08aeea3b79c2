import { describe, expect, test } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { Priority } from '../contracts/holder.ts';
import { Overload } from './overload.ts';

const GB = 1024 * 1024 * 1024;

function setUp(limitBytes: number | null = GB, workers = 2) {
  const backlog = {
    follow() {},
    tick() {},
    size: 0,
    level: 0,
    standing: false,
    refuses: (rank: number) => backlog.size > 0 && rank > 0,
  };
  const refused: string[] = [];
  const threads = { waitMs: 0 };
  const overload = new Overload(limitBytes, {
    backlog,
    threads,
    refused: (priority, cause) => refused.push(`${priority} ${cause}`),
  });
  overload.follow({ waitMs: 0, loopDelayMs: 100, memory: 0.85 }, workers);
  const late = (lateMs: number, times = 60) => {
    for (let at = 0; at < times; at++) overload.sample({ lateMs, residentBytes: null });
    return overload.level;
  };
  const full = (share: number) =>
    overload.sample({ lateMs: 0, residentBytes: (share * (GB - 96 * 1024 * 1024)) / workers });
  const taken = (priority: Priority): boolean =>
    overload.refusal({ principal: { priority }, head: { headers: new HeaderBag() } } as unknown as Call) ===
    null;
  return { overload, backlog, threads, refused, late, full, taken };
}

describe('a worker that is late', () => {
  test('O02: refuses the lower classes first, and all at last', () => {
    const { late, taken } = setUp();
    const classes = ['high', 'normal', 'low', 'batch'] as const;
    expect([late(50), classes.map(taken)]).toEqual([0, [true, true, true, true]]);
    expect([late(120), classes.map(taken)]).toEqual([1, [true, true, false, false]]);
    expect([late(250), classes.map(taken)]).toEqual([2, [true, false, false, false]]);
    expect([late(500), classes.map(taken)]).toEqual([3, [false, false, false, false]]);
  });

  test('leaves out repeats before that, then what the cache costs, and takes both up again', () => {
    const { overload, late } = setUp();
    const eased = (lateMs: number): number[] => [late(lateMs), overload.eased];
    expect([50, 65, 85, 120].map(eased)).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(eased(30)).toEqual([0, 0]);
  });

  test('refuses nothing for one long pause', () => {
    const { late } = setUp();
    expect(late(400, 1)).toBe(0);
  });

  test('takes all again when it is well below, not at the edge', () => {
    const { late } = setUp();
    late(110);
    expect(late(90)).toBe(1);
    expect(late(60)).toBe(0);
  });

  test('says when to come again, with a 503', () => {
    const { overload, late } = setUp();
    late(1_000);
    const call = { principal: null, head: { headers: new HeaderBag() } } as unknown as Call;
    expect(overload.refusal(call)).toMatchObject({
      code: 'GW_GATEWAY_BUSY',
      status: 503,
      retryAfterMs: 3_000,
    });
  });
});

describe('a container that fills up', () => {
  test('has its steps at 85, 92 and 95 parts in a hundred', () => {
    const { full } = setUp();
    expect([0.84, 0.86, 0.93, 0.96].map(full)).toEqual([0, 1, 2, 3]);
    expect(full(0.93)).toBe(3);
    expect(full(0.5)).toBe(0);
  });

  test('leaves out what it can do without below those', () => {
    const { overload, full } = setUp();
    expect([0.7, 0.8, 0.83].map((share) => [full(share), overload.eased])).toEqual([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
  });

  test('without a limit refuses nothing', () => {
    const { overload } = setUp(null);
    expect(overload.sample({ lateMs: 0, residentBytes: 100 * GB })).toBe(0);
  });
});

describe('a worker with more to do than it can', () => {
  test('refuses who would wait too long, by class, and leaves out the rest', () => {
    const { overload, backlog, refused, taken } = setUp();
    expect(taken('batch')).toBe(true);
    Object.assign(backlog, { size: 9, level: 2, standing: true });
    expect(['high', 'normal', 'batch'].map((priority) => taken(priority as Priority))).toEqual([
      true,
      false,
      false,
    ]);
    expect(refused).toEqual(['normal wait', 'batch wait']);
    expect([overload.level, overload.eased]).toEqual([2, 2]);
  });

  test('says what told it', () => {
    const { refused, late, full, taken } = setUp();
    late(120);
    taken('low');
    late(0);
    full(0.96);
    taken('high');
    expect(refused).toEqual(['low loop', 'high memory']);
  });
});

describe('threads with more to do than they can', () => {
  function large(overload: Overload, bytes: number, startedAt: number): boolean {
    const headers = new HeaderBag();
    headers.add('content-length', String(bytes));
    const snapshot = { config: { server: { offloadBytes: 1_000 } } };
    return (
      overload.refusal({ principal: null, head: { headers }, snapshot, startedAt } as unknown as Call) ===
      null
    );
  }

  test('refuse large bodies alone, as heads come, while what waits for them stands too long', () => {
    const { overload, threads, refused } = setUp();
    overload.follow({ waitMs: 500, loopDelayMs: 0, memory: 0 }, 1);
    threads.waitMs = 600;
    const heads = Array.from({ length: 12 }, (_, at) => large(overload, 1_000, at * 40));
    expect(heads).toEqual([...Array.from({ length: 10 }, () => true), false, false]);
    expect([large(overload, 999, 500), large(overload, 1_000, 500)]).toEqual([true, false]);
    threads.waitMs = 200;
    expect(large(overload, 1_000, 540)).toBe(true);
    expect(refused).toEqual(Array.from({ length: 3 }, () => 'normal thread'));
  });
});

test('off, it refuses nothing', () => {
  const { overload } = setUp();
  overload.follow({ waitMs: 0, loopDelayMs: 0, memory: 0 }, 1);
  for (let at = 0; at < 100; at++) overload.sample({ lateMs: 10_000, residentBytes: GB });
  expect(overload.level).toBe(0);
});
