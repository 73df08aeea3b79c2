import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK, BLOCK_MS, STEP_WIDTHS_MS, STEPS, spansOf } from './sum-steps.ts';

const window = fc
  .record({
    step: fc.constantFrom(...Object.values(STEPS)),
    from: fc.integer({ min: 0, max: 3_000 }),
    length: fc.integer({ min: 0, max: 3_000 }),
    sound: fc.array(fc.integer({ min: 0, max: 250 }), { maxLength: 200 }),
  })
  .map(({ step, from, length, sound }) => ({
    step,
    since: from * STEP_WIDTHS_MS[step]!,
    until: (from + length) * STEP_WIDTHS_MS[step]!,
    blocks: new Set(sound.map((at) => at * BLOCK_MS)),
  }));

describe('a window in steps', () => {
  it('is read once and whole, whatever its ends, and blocks only where they may be', () => {
    fc.assert(
      fc.property(window, ({ step, since, until, blocks }) => {
        let at = since;
        for (const span of spansOf(step, since, until, blocks)) {
          expect(span.since).toBe(at);
          expect(span.until).toBeGreaterThan(span.since);
          expect(span.step).toBeGreaterThanOrEqual(step);
          expect([span.since % STEP_WIDTHS_MS[span.step]!, span.until % STEP_WIDTHS_MS[span.step]!]).toEqual([
            0, 0,
          ]);
          if (span.step === BLOCK)
            for (let block = span.since; block < span.until; block += BLOCK_MS)
              expect(blocks.has(block)).toBe(true);
          at = span.until;
        }
        expect(at).toBe(until);
      }),
    );
  });

  it('of a year is days at its ends and blocks between', () => {
    const day = STEP_WIDTHS_MS[STEPS.day]!;
    const blocks = new Set(Array.from({ length: 30 }, (_, at) => at * BLOCK_MS));
    const spans = spansOf(STEPS.day, 3 * day, 368 * day, blocks);
    expect(spans).toEqual([
      { step: STEPS.day, since: 3 * day, until: 28 * day },
      { step: BLOCK, since: 28 * day, until: 364 * day },
      { step: STEPS.day, since: 364 * day, until: 368 * day },
    ]);
    // Without a block its days, as one with those beside them.
    blocks.delete(28 * day);
    expect(spansOf(STEPS.day, 28 * day, 84 * day, blocks).map(({ step }) => step)).toEqual([
      STEPS.day,
      BLOCK,
    ]);
  });
});
