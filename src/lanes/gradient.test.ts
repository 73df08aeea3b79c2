import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Gradient, type GradientBounds, littlesLaw } from './gradient.ts';

const BOUNDS: GradientBounds = { min: 20, max: 1_000, start: 100, ratePerS: null };

/**
 * A provider that serves `capacity` calls at once in `baseMs`, more of them later in proportion, under a closed loop of `callers`
 * through a gradient, by a clock of its own. @returns the limit after each second.
 */
function simulate(
  gradient: Gradient,
  phases: { seconds: number; capacity: number; baseMs: number }[],
  callers = 400,
): number[] {
  const limits: number[] = [];
  const running: { endsAt: number; ms: number }[] = [];
  let now = 0;
  let from = 0;
  let random = 1;
  const noise = (): number => {
    random = (random * 48_271) % 2_147_483_647;
    return 0.7 + (0.6 * random) / 2_147_483_647;
  };
  for (const { seconds, capacity, baseMs } of phases) {
    for (; now < (from + seconds) * 1_000; now += 5) {
      for (let at = running.length - 1; at >= 0; at--) {
        const { endsAt, ms } = running[at]!;
        if (endsAt > now) continue;
        gradient.answered('m', ms, running.length);
        running.splice(at, 1);
      }
      while (running.length < Math.min(callers, gradient.limit)) {
        const ms = baseMs * Math.max(1, (running.length + 1) / capacity) * noise();
        running.push({ endsAt: now + ms, ms });
      }
      if (now % 1_000 === 0) limits.push(gradient.limit);
    }
    from += seconds;
  }
  return limits;
}

describe('a limit that is found out', () => {
  test('stays within its bounds whatever comes, and is never less than a call', () => {
    const event = fc.oneof(
      fc.record({ ms: fc.double({ min: 0, max: 1e7, noNaN: true }), model: fc.integer({ min: 0, max: 99 }) }),
      fc.constant(null),
    );
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 500 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 0, max: 500 }),
        fc.option(fc.double({ min: 0.001, max: 1e5, noNaN: true })),
        (events, min, more, ratePerS) => {
          const gradient = new Gradient({ min, max: min + more, start: 100, ratePerS });
          for (const told of events) {
            if (told === null) gradient.refused();
            else gradient.answered(`m${told.model}`, told.ms, 50);
            expect(gradient.limit).toBeGreaterThanOrEqual(min);
            expect(gradient.limit).toBeLessThanOrEqual(min + more);
          }
        },
      ),
    );
  });

  test('grows while answers take as long as ever, and only where it is used', () => {
    const used = new Gradient(BOUNDS);
    const idle = new Gradient(BOUNDS);
    for (let at = 0; at < 20_000; at++) {
      used.answered('m', 100, used.limit);
      idle.answered('m', 100, 3);
    }
    expect(used.limit).toBeGreaterThan(200);
    expect(idle.limit).toBe(100);
  });

  test('O03: falls within ten windows when a provider becomes ten times slower, and is back within a minute', () => {
    const gradient = new Gradient(BOUNDS);
    const limits = simulate(gradient, [
      { seconds: 60, capacity: 200, baseMs: 50 },
      { seconds: 30, capacity: 200, baseMs: 500 },
      { seconds: 60, capacity: 200, baseMs: 50 },
    ]);
    const before = limits[59]!;
    if (process.env['HEADGATE_SHOW_FIGURES'] === '1') console.log(limits.join(' '));
    expect(before).toBeGreaterThanOrEqual(150);
    // Ten rounds of half a second and more.
    expect(limits[69]).toBeLessThan(before / 2);
    expect(limits.at(-1)).toBeGreaterThan(before * 0.7);
  });

  test('settles about where a provider becomes slower, not at what callers want', () => {
    const gradient = new Gradient({ ...BOUNDS, start: 20 });
    const limits = simulate(gradient, [{ seconds: 120, capacity: 100, baseMs: 100 }], 1_000);
    const settled = limits.slice(60);
    expect(Math.min(...settled)).toBeGreaterThan(70);
    expect(Math.max(...settled)).toBeLessThan(600);
  });

  test('models differ: a slow one beside a fast one is no sign of load', () => {
    const gradient = new Gradient(BOUNDS);
    for (let at = 0; at < 400; at++)
      gradient.answered(at % 4 === 0 ? 'slow' : 'fast', at % 4 === 0 ? 5_000 : 80, 100);
    expect(gradient.limit).toBeGreaterThan(100);
  });

  test('refusals for being too busy bring it down, to its floor at last', () => {
    const gradient = new Gradient(BOUNDS);
    for (let at = 0; at < 10; at++) gradient.refused();
    expect(gradient.limit).toBeLessThan(65);
    for (let at = 0; at < 100; at++) gradient.refused();
    expect(gradient.limit).toBe(20);
  });

  test("begins where Little's law puts it, once the mean time is known", () => {
    expect(littlesLaw(10, 2_000, 0.1)).toBeCloseTo(22);
    const gradient = new Gradient({ ...BOUNDS, ratePerS: 100 });
    for (let at = 0; at < 20; at++) gradient.answered('m', 3_000, 1);
    expect(gradient.limit).toBe(300);
    expect(new Gradient({ ...BOUNDS, ratePerS: 100 }).limit).toBe(100);
  });
});
