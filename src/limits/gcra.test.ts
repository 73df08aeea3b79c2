import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { book, fullInMs, type GcraState, giveBack, saneUnits, take, unitsLeft, waitMs } from './gcra.ts';
import { paceOf } from './pace.ts';

const steps = fc.array(
  fc.record({ after: fc.double({ min: 0, max: 5_000, noNaN: true }), need: fc.integer({ min: 1, max: 30 }) }),
  { minLength: 1, maxLength: 300 },
);

/** Most that was admitted in any half-open window. */
function worstWindow(admitted: readonly (readonly [at: number, units: number])[], windowMs: number): number {
  let worst = 0;
  for (const [from] of admitted) {
    let sum = 0;
    for (const [at, units] of admitted) if (at >= from && at < from + windowMs) sum += units;
    worst = Math.max(worst, sum);
  }
  return worst;
}

describe('GCRA', () => {
  it('M05 M06: admits at most B + W/T units in any window, in whatever order and size calls come', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        fc.double({ min: 1, max: 20_000, noNaN: true }),
        (calls, burst, spacingMs, windowMs) => {
          const pace = { burst, spacingMs };
          const state: GcraState = { tat: 0 };
          const admitted: [number, number][] = [];
          let now = 0;
          for (const { after, need } of calls) {
            now += after;
            const units = Math.min(need, burst); // larger ones are stated to run into debt
            const taken = take(state, pace, now, units, units);
            if (taken > 0) admitted.push([now, taken]);
          }
          expect(worstWindow(admitted, windowMs)).toBeLessThanOrEqual(burst + windowMs / spacingMs + 1e-6);
        },
      ),
    );
  });

  it('M05: without a stated burst no period holds more than the limit', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2_000 }), (calls, limit) => {
        const pace = paceOf(limit, 10_000, null);
        const state: GcraState = { tat: 0 };
        const admitted: [number, number][] = [];
        let now = 0;
        for (const { after, need } of calls) {
          now += after / 50;
          for (let call = 0; call < need; call++)
            if (take(state, pace, now, 1, 1) > 0) admitted.push([now, 1]);
        }
        expect(worstWindow(admitted, 10_000)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('M05: without a stated burst at least 98 % of a limit of 600 is used under three times the load', () => {
    const pace = paceOf(600, 60_000, null);
    const state: GcraState = { tat: 0 };
    let admitted = 0;
    for (let now = 0; now < 180_000; now += 1000 / 30) admitted += take(state, pace, now, 1, 1);
    expect(admitted).toBeGreaterThanOrEqual(3 * 600 * 0.98);
  });

  it('M06: at the edge of a window there is no second burst', () => {
    const pace = paceOf(600, 60_000, 20);
    const state: GcraState = { tat: 0 };
    let admitted = 0;
    for (const now of [59_900, 60_100])
      for (let call = 0; call < 600; call++) admitted += take(state, pace, now, 1, 1);
    expect(admitted).toBeLessThanOrEqual(20 + 2);
  });

  it('states a wait after which the same call is admitted, and not before', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        (calls, burst, spacingMs) => {
          const pace = { burst, spacingMs };
          const state: GcraState = { tat: 0 };
          let now = 0;
          for (const { after, need } of calls) {
            now += after;
            const wait = waitMs(state, pace, now, need);
            const taken = take({ ...state }, pace, now, need, need);
            expect(taken > 0).toBe(wait === 0);
            if (wait > 0) {
              expect(take({ ...state }, pace, now + wait, need, need)).toBe(need);
              if (wait > 1) expect(take({ ...state }, pace, now + wait - 1, need, need)).toBe(0);
            }
            take(state, pace, now, need, need);
          }
        },
      ),
    );
  });

  it('admits a call that costs more than the burst once the bucket is full, and makes those behind it wait for it', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const state: GcraState = { tat: 0 };
    expect(take(state, pace, 0, 50, 50)).toBe(50);
    expect(waitMs(state, pace, 0, 1)).toBeCloseTo(50 * 100 - 9 * 100);
    expect(take(state, pace, 4_000, 50, 50)).toBe(0);
    expect(waitMs(state, pace, 0, 50)).toBeCloseTo(5_000);
  });

  it('gives no more than is there when more is wanted than needed', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const state: GcraState = { tat: 0 };
    expect(take(state, pace, 0, 1, 7)).toBe(7);
    expect(take(state, pace, 0, 1, 7)).toBe(3);
    expect(take(state, pace, 0, 1, 7)).toBe(0);
  });

  it('only becomes stricter when time goes backwards', () => {
    const pace = { burst: 5, spacingMs: 100 };
    const state: GcraState = { tat: 0 };
    let admitted = 0;
    for (const now of [10_000, 9_000, 0, 10_000, 5_000, 10_000])
      for (let call = 0; call < 10; call++) admitted += take(state, pace, now, 1, 1);
    expect(admitted).toBe(5);
  });

  it('M07: costs that are negative, zero, huge or no number never make room', () => {
    const pace = { burst: 5, spacingMs: 100 };
    for (const odd of [
      -1,
      Number.NEGATIVE_INFINITY,
      0,
      Number.NaN,
      2 ** 53 + 2,
      Number.POSITIVE_INFINITY,
      Number.MIN_VALUE,
    ]) {
      const state: GcraState = { tat: 0 };
      take(state, pace, 0, odd, odd);
      expect(state.tat).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(state.tat)).toBe(true);
      const before = unitsLeft(state, pace, 0);
      giveBack(state, pace, -Math.abs(odd));
      book(state, pace, 0, odd);
      expect(unitsLeft(state, pace, 0)).toBeLessThanOrEqual(before);
      expect(Number.isFinite(state.tat)).toBe(true);
    }
    expect(saneUnits(Number.NaN, 7)).toBe(7);
    expect(saneUnits(-3, 7)).toBe(0);
  });

  it('is never more than full, whatever is given back', () => {
    const pace = { burst: 5, spacingMs: 100 };
    const state: GcraState = { tat: 0 };
    take(state, pace, 0, 5, 5);
    giveBack(state, pace, 1_000);
    expect(unitsLeft(state, pace, 0)).toBe(5);
    expect(take(state, pace, 0, 1, 100)).toBe(5);
    expect(fullInMs(state, 0)).toBe(500);
  });

  it('books what was used beyond the grant as debt, a day of it at most', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const state: GcraState = { tat: 0 };
    book(state, pace, 0, 30);
    expect(waitMs(state, pace, 0, 1)).toBeCloseTo(30 * 100 - 9 * 100);
    book(state, pace, 0, 1e12);
    expect(fullInMs(state, 0)).toBe(86_400_000);
  });
});
