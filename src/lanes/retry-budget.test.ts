import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryBudget } from './retry-budget.ts';

describe('a retry budget', () => {
  it('U13: adds at most a fifth over a floor of ten a second, when every call fails and wants two repeats', () => {
    const budget = new RetryBudget();
    const seconds = 60;
    const rate = 500;
    let repeats = 0;
    for (let ms = 0; ms < seconds * 1_000; ms += 1_000 / rate) {
      budget.arrived(ms);
      for (let repeat = 0; repeat < 2; repeat++) if (budget.take(ms)) repeats++;
    }
    const calls = seconds * rate;
    expect(repeats).toBeLessThanOrEqual(0.2 * calls + 10 * (seconds + 10));
    expect(repeats).toBeGreaterThanOrEqual(0.19 * calls);
  });

  it('lets the few calls of a quiet model be repeated', () => {
    const budget = new RetryBudget();
    for (let ms = 0; ms < 60_000; ms += 500) {
      budget.arrived(ms);
      expect(budget.take(ms)).toBe(true);
      expect(budget.take(ms)).toBe(true);
    }
  });

  it('U13: of a gateway adds no more than that over all of its workers, however calls fall on them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), fc.infiniteStream(fc.nat(15)), (workers, places) => {
        const budgets = Array.from({ length: workers }, () => new RetryBudget(() => workers));
        const [seconds, rate] = [40, 100];
        let repeats = 0;
        for (let ms = 0; ms < seconds * 1_000; ms += 1_000 / rate) {
          const budget = budgets[places.next().value! % workers]!;
          budget.arrived(ms);
          for (let repeat = 0; repeat < 2; repeat++) if (budget.take(ms)) repeats++;
        }
        expect(repeats).toBeLessThanOrEqual(0.2 * seconds * rate + 10 * (seconds + 10));
      }),
      { numRuns: 30 },
    );
  });

  it('lets a call be tried twice again on each of a hundred workers', () => {
    const budget = new RetryBudget(() => 100);
    expect([1, 2, 3].map(() => budget.take(1))).toEqual([true, true, false]);
  });

  it('follows the number of workers', () => {
    let workers = 10;
    const budget = new RetryBudget(() => workers);
    let taken = 0;
    while (budget.take(1)) taken++;
    expect(taken).toBe(10);
    workers = 2;
    while (budget.take(1)) taken++;
    expect(taken).toBe(50);
  });

  it('is whole again ten seconds later, and survives a clock that stands or jumps', () => {
    const budget = new RetryBudget();
    let taken = 0;
    while (budget.take(5_000)) taken++;
    expect(taken).toBe(100);
    expect(budget.take(14_999)).toBe(false);
    expect(budget.take(15_000)).toBe(true);
    expect(budget.take(10_000_000)).toBe(true);
  });

  it('never counts below nothing, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(3_000)), { maxLength: 300 }), (steps) => {
        const budget = new RetryBudget();
        let now = 0;
        const calls: number[] = [];
        const repeats: number[] = [];
        for (const [call, ms] of steps) {
          now += ms;
          const since = (Math.floor(now / 1_000) - 9) * 1_000;
          const recent = (of: number[]) => of.filter((at) => at >= since).length;
          if (call) {
            budget.arrived(now);
            calls.push(now);
          } else {
            const allowed = recent(repeats) < 0.2 * recent(calls) + 100;
            expect(budget.take(now)).toBe(allowed);
            if (allowed) repeats.push(now);
          }
        }
      }),
    );
  });
});
