import { describe, expect, it } from 'vitest';
import { readWrk } from './wrk.ts';

describe('what wrk prints', () => {
  it('is read with its failures taken off', () => {
    const text =
      'Running 2s test\nSUMMARY 1000 2000000 1 2 3 100 4\nLATENCY 500 900 990 999 1500 510\nTransfer/sec';
    expect(readWrk(text)).toEqual({
      requests: 900,
      failed: 110,
      perSecond: 450,
      latencyMicros: { p50: 500, p90: 900, p99: 990, p999: 999, max: 1500, mean: 510 },
      firstFault: '100 answers other than 200, 6 broken connections, 4 without answer',
    });
  });

  it('is refused when there is nothing to read', () => {
    expect(() => readWrk('unable to connect')).toThrow('unable to connect');
  });
});
