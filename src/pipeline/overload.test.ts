import { describe, expect, test } from 'vitest';
import type { Call } from '../contracts/call.ts';
import { HeaderBag } from '../contracts/headers.ts';
import type { Priority } from '../contracts/holder.ts';
import { Overload } from './overload.ts';

const GB = 1024 * 1024 * 1024;

function setUp(limitBytes: number | null = GB, workers = 2) {
  const overload = new Overload(limitBytes);
  overload.follow({ loopDelayMs: 100, memory: 0.85 }, workers);
  const late = (lateMs: number, times = 60) => {
    for (let at = 0; at < times; at++) overload.sample({ lateMs, residentBytes: null });
    return overload.level;
  };
  const full = (share: number) =>
    overload.sample({ lateMs: 0, residentBytes: (share * (GB - 96 * 1024 * 1024)) / workers });
  const taken = (priority: Priority): boolean =>
    overload.refusal({ principal: { priority }, head: { headers: new HeaderBag() } } as unknown as Call) ===
    null;
  return { overload, late, full, taken };
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

test('off, it refuses nothing', () => {
  const overload = new Overload(GB);
  overload.follow({ loopDelayMs: 0, memory: 0 }, 1);
  for (let at = 0; at < 100; at++) overload.sample({ lateMs: 10_000, residentBytes: GB });
  expect(overload.level).toBe(0);
});
