// Latency histograms: three significant digits from a tenth of a microsecond to two minutes.
import { build } from 'hdr-histogram-js';
import type { Percentiles } from '../contract.ts';

/** Values are kept in tenths of a microsecond. */
const SCALE = 10;
const HIGHEST_MICROS = 120_000_000;

export interface Latencies {
  /** What is longer than two minutes counts as two minutes. */
  record(micros: number): void;
  readonly count: number;
  percentiles(): Percentiles;
}

export function createLatencies(): Latencies {
  const histogram = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROS * SCALE,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  return {
    record(micros) {
      const value = Math.round(Math.min(micros, HIGHEST_MICROS) * SCALE);
      histogram.recordValue(Math.max(value, 0));
    },
    get count() {
      return histogram.totalCount;
    },
    percentiles() {
      if (histogram.totalCount === 0) return { p50: 0, p90: 0, p99: 0, p999: 0, max: 0, mean: 0 };
      const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / SCALE;
      return {
        p50: at(50),
        p90: at(90),
        p99: at(99),
        p999: at(99.9),
        max: histogram.maxValue / SCALE,
        mean: histogram.mean / SCALE,
      };
    },
  };
}
