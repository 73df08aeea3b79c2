import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

const ignore = (): void => {};

describe('pace', () => {
  it('releases as many requests as were due, whenever it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { minLength: 1, maxLength: 50 }), (steps) => {
        const pace = new Pace(1000, 0);
        let now = 0;
        let released = 0;
        for (const step of steps) {
          now += step;
          while (pace.release(now, ignore) !== -1) released++;
        }
        expect(released).toBe(Math.floor(now / 1000) + 1);
      }),
    );
  });

  it('counts from the release when only the timer was late, and from the intended time when it was more', () => {
    const pace = new Pace(1000, 0);
    expect(pace.release(0, ignore)).toBe(0);
    expect(pace.release(999, ignore)).toBe(-1);
    expect(pace.release(1800, ignore)).toBe(1800);
    const late: number[] = [];
    expect(pace.release(60_000, (micros) => late.push(micros))).toBe(2000);
    expect(late).toEqual([58_000]);
  });
});
