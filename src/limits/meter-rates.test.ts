import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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

/** A bucket asked as its owners ask: drained, then waited for or taken from. Times in ms. */
class Bucket {
  readonly #meter: Meter = { debtUs: 0, debtFrac: 0, seenUs: 0 };
  readonly #pace: ReturnType<typeof meterPace>;

  constructor(pace: { burst: number; spacingMs: number }) {
    this.#pace = meterPace(pace);
  }

  waitMs(nowMs: number, need: number): number {
    drain(this.#meter, Math.floor(nowMs * 1000 + 1e-3));
    return meterWaitUs(this.#meter, this.#pace, wholeUnits(need)) / 1000;
  }

  take(nowMs: number, need: number, want: number): number {
    if (this.waitMs(nowMs, need) > 0) return 0;
    return meterTake(this.#meter, this.#pace, wholeUnits(need), wholeUnits(want));
  }

  /** Whether it would be taken. */
  covers(nowMs: number, need: number): boolean {
    const twin = new Bucket({ burst: 1, spacingMs: 1 });
    Object.assign(twin.#meter, this.#meter);
    Object.assign(twin.#pace, this.#pace);
    return twin.take(nowMs, need, need) > 0;
  }

  back(units: number): void {
    meterBack(this.#meter, this.#pace, wholeUnits(units));
  }

  book(units: number): void {
    meterBook(this.#meter, this.#pace, wholeUnits(units));
  }

  get left(): number {
    return meterLeft(this.#meter, this.#pace);
  }

  get fullInMs(): number {
    return this.#meter.debtUs / 1000;
  }
}

describe('a rate', () => {
  it('M05 M06: admits at most B + W/T units in any window, in whatever order and size calls come', () => {
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0.5, max: 500, noNaN: true }),
        fc.double({ min: 1, max: 20_000, noNaN: true }),
        (calls, burst, spacingMs, windowMs) => {
          const pace = { burst, spacingMs };
          const bucket = new Bucket(pace);
          const admitted: [number, number][] = [];
          let now = 0;
          for (const { after, need } of calls) {
            now += after;
            const units = Math.min(need, burst); // larger ones are stated to run into debt
            const taken = bucket.take(now, units, units);
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
        const bucket = new Bucket(pace);
        const admitted: [number, number][] = [];
        let now = 0;
        for (const { after, need } of calls) {
          now += after / 50;
          for (let call = 0; call < need; call++) if (bucket.take(now, 1, 1) > 0) admitted.push([now, 1]);
        }
        expect(worstWindow(admitted, 10_000)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('M05: without a stated burst at least 98 % of a limit of 600 is used under three times the load', () => {
    const pace = paceOf(600, 60_000, null);
    const bucket = new Bucket(pace);
    let admitted = 0;
    for (let now = 0; now < 180_000; now += 1000 / 30) admitted += bucket.take(now, 1, 1);
    expect(admitted).toBeGreaterThanOrEqual(3 * 600 * 0.98);
  });

  it('M06: at the edge of a window there is no second burst', () => {
    const pace = paceOf(600, 60_000, 20);
    const bucket = new Bucket(pace);
    let admitted = 0;
    for (const now of [59_900, 60_100])
      for (let call = 0; call < 600; call++) admitted += bucket.take(now, 1, 1);
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
          const bucket = new Bucket(pace);
          let now = 0;
          for (const { after, need } of calls) {
            now += after;
            const wait = bucket.waitMs(now, need);
            expect(bucket.covers(now, need)).toBe(wait === 0);
            if (wait > 0) {
              expect(bucket.covers(now + wait, need)).toBe(true);
              expect(bucket.covers(now + wait - 0.002, need)).toBe(false);
            }
            bucket.take(now, need, need);
          }
        },
      ),
    );
  });

  it('admits a call that costs more than the burst once the bucket is full, and makes those behind it wait for it', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const bucket = new Bucket(pace);
    expect(bucket.take(0, 50, 50)).toBe(50);
    expect(bucket.waitMs(0, 1)).toBeCloseTo(50 * 100 - 9 * 100);
    expect(bucket.take(4_000, 50, 50)).toBe(0);
    expect(bucket.waitMs(4_000, 50)).toBeCloseTo(1_000);
  });

  it('gives no more than is there when more is wanted than needed', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const bucket = new Bucket(pace);
    expect(bucket.take(0, 1, 7)).toBe(7);
    expect(bucket.take(0, 1, 7)).toBe(3);
    expect(bucket.take(0, 1, 7)).toBe(0);
  });

  it('drains nothing when its clock goes back, and does not block for the jump', () => {
    const bucket = new Bucket({ burst: 5, spacingMs: 100 });
    let admitted = 0;
    for (const now of [10_000, 9_000, 0])
      for (let call = 0; call < 10; call++) admitted += bucket.take(now, 1, 1);
    expect(admitted).toBe(5);
    expect(bucket.take(99, 1, 1)).toBe(0);
    expect(bucket.take(100, 1, 1)).toBe(1);
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
      const bucket = new Bucket(pace);
      bucket.take(0, odd, odd);
      expect(Number.isFinite(bucket.fullInMs)).toBe(true);
      const before = bucket.left;
      bucket.back(-Math.abs(odd));
      expect(bucket.left).toBeLessThanOrEqual(Number.isNaN(odd) ? 5 : before);
      bucket.book(odd);
      expect(bucket.left).toBeLessThanOrEqual(5);
      expect(Number.isFinite(bucket.fullInMs)).toBe(true);
    }
  });

  it('is never more than full, whatever is given back', () => {
    const pace = { burst: 5, spacingMs: 100 };
    const bucket = new Bucket(pace);
    bucket.take(0, 5, 5);
    bucket.back(1_000);
    expect(bucket.left).toBe(5);
    expect(bucket.take(0, 1, 100)).toBe(5);
    expect(bucket.fullInMs).toBe(500);
  });

  it('books what was used beyond the grant as debt, a day of it at most', () => {
    const pace = { burst: 10, spacingMs: 100 };
    const bucket = new Bucket(pace);
    bucket.book(30);
    expect(bucket.waitMs(0, 1)).toBeCloseTo(30 * 100 - 9 * 100);
    bucket.book(1e12);
    // Beyond what the burst is worth.
    expect(bucket.fullInMs).toBe(86_400_000 + 10 * 100);
  });
});
