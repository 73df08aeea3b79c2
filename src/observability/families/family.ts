// What a metric family is, and the buckets they share.

/**
 * What the primary does with the same gauge of several workers: add up, or take the mean (a share between 0 and 1): of those that say
 * something, or of all, where one that says nothing has none.
 */
export type GaugeMerge = 'sum' | 'mean' | 'mean-of-all';

export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, rising, without +Inf; histograms only. */
  readonly buckets?: readonly number[];
  /** Gauges only; `sum` when absent. */
  readonly merge?: GaugeMerge;
}

const doubling = (first: number, count: number): number[] =>
  // 12 significant digits keep `le` labels readable (0.00016, not 0.00015999999999999999).
  Array.from({ length: count }, (_, power) => Number((first * 2 ** power).toPrecision(12)));

/** 10 ms to 82 s in doublings, then four and ten minutes: reasoning models answer in minutes. */
export const LATENCY = [...doubling(0.01, 14), 240, 600];
/** 5 us doubling to 0.66 s. */
export const OVERHEAD = doubling(0.000005, 18);
export const WAIT = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];
export const GAP = [
  0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 30, 60,
];
export const LAG = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
export const RATE = [1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 1000, 2000];
