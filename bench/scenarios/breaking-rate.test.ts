import { expect, test } from 'vitest';
import type { LoadResult } from '../contract.ts';
import { brokenAt, findBreakingRate } from './breaking-rate.ts';

const result = (perSecond: number, p99Ms: number, failed = 0): LoadResult => {
  const p99 = p99Ms * 1000;
  return {
    requests: perSecond,
    failed,
    perSecond,
    latencyMicros: { p50: p99, p90: p99, p99, p999: p99, max: p99, mean: p99 },
    generatorBusy: 0,
    void: null,
    mockBusy: 0,
    flag: null,
    firstFault: null,
  };
};

/** Answers at once up to a capacity, then a queue grows. */
const gateway = (capacity: number) => async (rate: number) =>
  rate <= capacity ? result(rate, 5) : result(capacity, 2000);

test('the lowest of the rates tried that breaks it is found, within a third', async () => {
  const { rate, steps } = await findBreakingRate(16, 4096, gateway(65));
  expect(rate).toBe(96);
  expect(steps.map(({ perSecond }) => perSecond)).toEqual([16, 32, 64, 128, 96]);
});
test('between the last good and the first bad rate, the good one is not taken for bad', async () => {
  expect((await findBreakingRate(16, 4096, gateway(100))).rate).toBe(128);
});
test('broken from the first rate on is that rate', async () => {
  expect((await findBreakingRate(16, 4096, gateway(3))).rate).toBe(16);
});
test('what bears the most is not broken', async () => {
  expect((await findBreakingRate(16, 64, gateway(1000))).rate).toBeNull();
});
test('one failure, a long tail and missing answers each break a rate', () => {
  expect(brokenAt(100, result(100, 5))).toBeNull();
  expect(brokenAt(100, result(100, 5, 1))).toContain('failed');
  expect(brokenAt(100, result(100, 1001))).toContain('p99');
  expect(brokenAt(100, result(89, 5))).toContain('answered');
});
