import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitRule } from '../contracts/limits.ts';
import { paceOf } from '../limits/pace.ts';
import {
  drain,
  type Meter,
  meterBack,
  meterBook,
  meterLeft,
  meterPace,
  meterTake,
  meterWaitUs,
  wholeUnits,
} from './meter.ts';

const rule = (limit: number, periodMs: number, burst: number | null = null): LimitRule => ({
  name: 'r',
  dimension: 'tokens',
  per: [],
  match: { key: null, model: null, provider: null },
  limit,
  periodMs,
  ...paceOf(limit, periodMs, burst),
});

const fresh = (): Meter => ({ debtUs: 0, debtFrac: 0, seenUs: 0 });

const rules = fc.record({
  limit: fc.integer({ min: 1, max: 100_000_000 }),
  periodMs: fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000),
});

describe('a meter of whole numbers', () => {
  it('admits no more than burst and rate in any run of asks', () => {
    fc.assert(
      fc.property(
        rules,
        fc.array(fc.tuple(fc.integer({ min: -1_000, max: 100_000 }), fc.integer({ min: 0, max: 50 })), {
          maxLength: 60,
        }),
        ({ limit, periodMs }, asks) => {
          const pace = meterPace(rule(limit, periodMs));
          const meter = fresh();
          let now = 0;
          let latest = 0;
          let taken = 0;
          for (const [stepUs, need] of asks) {
            now += stepUs; // at times backwards
            latest += Math.max(0, stepUs);
            drain(meter, now);
            const least = Math.min(need, pace.burst);
            if (least > 0 && meterWaitUs(meter, pace, least) === 0)
              taken += meterTake(meter, pace, least, least + 10);
          }
          const spacing = pace.spacingUs + pace.spacingFrac / 1e6;
          expect(taken).toBeLessThanOrEqual(pace.burst + latest / spacing + 1);
        },
      ),
    );
  });

  it('says a wait after which the same need is admitted, and not a microsecond less', () => {
    fc.assert(
      fc.property(
        rules,
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        ({ limit, periodMs }, spent, need) => {
          const pace = meterPace(rule(limit, periodMs));
          const meter = fresh();
          meterBook(meter, pace, spent);
          const wait = meterWaitUs(meter, pace, need);
          const early = { ...meter };
          if (wait > 0) {
            drain(early, wait - 1);
            expect(meterWaitUs(early, pace, need)).toBeGreaterThan(0);
          }
          drain(meter, wait);
          expect(meterWaitUs(meter, pace, need)).toBe(0);
          expect(meterLeft(meter, pace)).toBeGreaterThanOrEqual(Math.min(need, pace.burst));
        },
      ),
    );
  });

  it('comes back to where it was when all is given back, whatever the order', () => {
    fc.assert(
      fc.property(
        rules,
        fc.array(fc.integer({ min: 0, max: 1_000 }), { maxLength: 50 }),
        ({ limit, periodMs }, amounts) => {
          const pace = meterPace(rule(limit, periodMs));
          const meter = fresh();
          meterBook(meter, pace, 1);
          const before = { ...meter };
          for (const amount of amounts) meterBook(meter, pace, amount);
          // Beyond its cap a debt forgets.
          fc.pre(meter.debtUs < 80_000_000_000);
          for (const amount of amounts.toReversed()) meterBack(meter, pace, amount);
          expect(meter).toEqual(before);
        },
      ),
    );
  });

  it('takes what is no number for the most, and what is below nothing for nothing', () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60].map((units) => wholeUnits(units))).toEqual([
      1e9, 1e9, 1e9,
    ]);
    expect([-1, Number.NEGATIVE_INFINITY, 0, 0.1].map((units) => wholeUnits(units))).toEqual([0, 0, 0, 1]);
  });
});
