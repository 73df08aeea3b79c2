// The explicit table of every metric family: the one place that names a metric, its labels and its buckets (families/).
// Workers record against it (recorder.ts), the primary merges and prints by it (metric-totals.ts); docs/metrics.md lists it.
import { CALLS } from './families/calls.ts';
import type { MetricFamily } from './families/family.ts';
import { GATEWAY } from './families/gateway.ts';
import { GEN_AI } from './families/gen-ai.ts';
import { LANES } from './families/lanes.ts';

export type { GaugeMerge, MetricFamily } from './families/family.ts';

/** All families by full name. Each label is a closed or capped set; never a key, a path, a user or a request id. */
export const METRIC_FAMILIES = { ...CALLS, ...LANES, ...GATEWAY, ...GEN_AI } as const satisfies Record<
  string,
  MetricFamily
>;

type Families = typeof METRIC_FAMILIES;

export type FamilyName = keyof Families;
export type CounterName = {
  [F in FamilyName]: Families[F]['type'] extends 'counter' ? F : never;
}[FamilyName];
export type GaugeName = { [F in FamilyName]: Families[F]['type'] extends 'gauge' ? F : never }[FamilyName];
export type HistogramName = {
  [F in FamilyName]: Families[F]['type'] extends 'histogram' ? F : never;
}[FamilyName];

type Strings<T extends readonly string[]> = { readonly [I in keyof T]: string };

/** Label values of a family, in the order of its table row; a wrong number is a type error. */
export type LabelValues<F extends FamilyName> = Strings<Families[F]['labels']>;

/** The value every label of a series takes once its family is full. */
export const OVERFLOW_LABEL = '_other';
