import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ToPrimary } from '../contracts/ipc.ts';
import { packMessage, unpackToPrimary, unpackToWorker } from './codec.ts';

describe('IPC codec', () => {
  it('brings a metric delta across unchanged, whatever the numbers and label texts', () => {
    const number = fc.double({ noNaN: true }).map((n) => (Object.is(n, -0) ? 0 : n));
    const delta = fc.record({
      series: fc.array(
        fc.tuple(fc.nat(), fc.string(), fc.array(fc.string({ unit: 'binary' }), { maxLength: 4 })),
      ),
      counters: fc.array(fc.tuple(fc.nat(), number)),
      histograms: fc.array(fc.tuple(fc.nat(), number, fc.nat(), fc.array(fc.nat(), { maxLength: 20 }))),
      gauges: fc.array(fc.tuple(fc.nat(), number)),
    });
    fc.assert(
      fc.property(delta, (value) => {
        const message: ToPrimary = { t: 'metrics', delta: value, answers: 0 };
        expect(unpackToPrimary(packMessage(message))).toEqual(message);
      }),
    );
  });

  it('keeps null, booleans, nested lists and non-ASCII text of a health detail', () => {
    const detail = { status: 'ok', list: [null, true, ['é', { deep: 1.5 }]], empty: {}, text: '日本' };
    const message = { t: 'health', ready: false, detail } as const;
    expect(unpackToWorker(packMessage(message))).toEqual(message);
  });

  it('does not let a key named __proto__ change the prototype of what is unpacked', () => {
    const detail = JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>;
    const back = unpackToWorker(packMessage({ t: 'health', ready: true, detail }));
    expect(back.t === 'health' && 'polluted' in back.detail).toBe(false);
  });

  it('refuses what is not one of our messages', () => {
    expect(() => unpackToWorker('text')).toThrow('not bytes');
    expect(() => unpackToWorker({ t: 'beat' })).toThrow('not bytes');
    expect(() => unpackToPrimary(Buffer.from([0x01]))).toThrow('no tag');
    expect(() => unpackToPrimary(Buffer.from([0x81]))).toThrow();
  });
});
