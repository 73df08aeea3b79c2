import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drain, type MeterPace, meterBook, meterLeft, meterPace, unitsOfDebt } from './meter.ts';
import { type PacedMeter, pacedWaitUs, repace, STANDS_US } from './repace.ts';

const DAY: MeterPace = { spacingUs: 86_400_000, spacingFrac: 0, burst: 1_000 };
const MINUTE: MeterPace = { spacingUs: 1_000_000, spacingFrac: 0, burst: 1_000 };
const SMALL: MeterPace = { spacingUs: 1_000_000, spacingFrac: 0, burst: 60 };

function owing(units: number, pace: MeterPace): PacedMeter {
  const meter: PacedMeter = { debtUs: 0, debtFrac: 0, seenUs: 0, pace, excessUs: 0, changedUs: 0 };
  meterBook(meter, pace, units);
  return meter;
}

function at(meter: PacedMeter, pace: MeterPace, nowUs: number): PacedMeter {
  drain(meter, nowUs);
  repace(meter, pace, nowUs);
  return meter;
}

describe('a bucket whose numbers change', () => {
  it('owes as many units, not as much time', () => {
    const meter = at(owing(900, DAY), MINUTE, 0);
    expect(meterLeft(meter, MINUTE)).toBe(100);
    expect(meter.debtUs).toBe(900_000_000);
    expect(meterLeft(at(meter, DAY, 0), DAY)).toBe(100);
  });

  it('has the difference at once when the burst is raised', () => {
    const meter = at(owing(60, SMALL), MINUTE, 0);
    expect(pacedWaitUs(meter, MINUTE, 1, 0)).toBe(0);
    expect(meterLeft(meter, MINUTE)).toBe(940);
  });

  it('waits, when the burst is lowered, for the numbers to stand and not for what the old ones allowed', () => {
    const meter = at(owing(1_000, DAY), SMALL, 0);
    // 940 s of debt beyond the new burst: let off after 5 s, and within them nothing is admitted.
    const waitUs = pacedWaitUs(meter, SMALL, 1, 0);
    expect(waitUs).toBe(STANDS_US);
    expect(pacedWaitUs(at(meter, SMALL, STANDS_US - 1), SMALL, 1, STANDS_US - 1)).toBe(1);
    expect(pacedWaitUs(at(meter, SMALL, STANDS_US), SMALL, 1, STANDS_US)).toBe(0);
    expect(meterLeft(meter, SMALL)).toBe(STANDS_US / 1e6);
  });

  it('still waits for what calls used beyond what they were admitted for', () => {
    const meter = at(owing(1_020, DAY), SMALL, 0);
    const later = at(meter, SMALL, STANDS_US);
    expect(later.debtUs).toBe(80_000_000 - STANDS_US);
  });

  it('that was drained meanwhile lets off nothing of what is used later', () => {
    const meter = at(owing(3, { ...SMALL, burst: 3 }), { ...SMALL, burst: 1 }, 0);
    at(meter, { ...SMALL, burst: 1 }, 3_000_000);
    expect(meter.debtUs).toBe(0);
    meterBook(meter, SMALL, 1);
    at(meter, { ...SMALL, burst: 1 }, 3_000_001);
    expect(at(meter, { ...SMALL, burst: 1 }, 3_000_001).debtUs).toBe(999_999);
  });

  it('to and fro, as while gateways reload one after the other, forgives nothing', () => {
    const rules = fc.record({
      spacingMs: fc.double({ min: 0.000_01, max: 86_400_000, noNaN: true }),
      burst: fc.integer({ min: 1, max: 1_000_000 }),
    });
    const pace = rules.map(({ spacingMs, burst }) =>
      meterPace({
        burst,
        spacingMs,
      }),
    );
    fc.assert(
      fc.property(pace, pace, fc.nat(100_000), fc.integer({ min: 1, max: 40 }), (a, b, units, turns) => {
        const meter = owing(units, a);
        const before = unitsOfDebt(meter.debtUs, a);
        for (let turn = 0; turn < turns; turn++) {
          at(meter, b, 0);
          // What would not fit into the largest debt there is may be cut.
          fc.pre(meter.debtUs < 1e15);
          at(meter, a, 0);
        }
        expect(unitsOfDebt(meter.debtUs, a)).toBeGreaterThanOrEqual(before);
      }),
      { numRuns: 2_000 },
    );
  });
});
