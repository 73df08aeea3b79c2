import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaText, machineMicros, readDelta, stampOffset, writeStamp } from './delta-text.ts';

describe('delta text', () => {
  it('gives back the number and the time written into it', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.maxSafeNat(), (number, time) => {
        const micros = time % 1e14;
        const bytes = Buffer.from(`{"content":"${deltaText(number)}"}`);
        writeStamp(bytes, stampOffset(bytes), micros);
        const found = { number: -1, sentMicros: -1 };
        expect(readDelta(bytes, bytes.indexOf('@'), bytes.length, found)).toBe(true);
        expect(found).toEqual({ number, sentMicros: micros });
      }),
    );
  });

  it('is not found where it is cut or is no delta', () => {
    const found = { number: -1, sentMicros: -1 };
    for (const text of ['x@00000000000000 ', 't1@0000', 't@00000000000000 ', 't1@0000000000000x ']) {
      const bytes = Buffer.from(text);
      expect(readDelta(bytes, bytes.indexOf('@'), bytes.length, found)).toBe(false);
    }
  });

  it('uses a clock that goes on', () => {
    const first = machineMicros();
    expect(machineMicros()).toBeGreaterThanOrEqual(first);
    expect(first).toBeLessThan(1e14);
  });
});
