// Sums as the API shows them: errors by owner, histograms as percentiles.
import { LOWEST_BUCKET, middleOf } from '../../src/observability/requests/buckets.ts';
import { HISTOGRAMS, SUMS } from '../../src/observability/requests/cells.ts';
import type { Tally } from '../../src/observability/requests/tally.ts';

const PARTS = [0.5, 0.95, 0.99] as const;
const PART_NAMES = ['p50', 'p95', 'p99'] as const;
const OWNERS = ['caller', 'policy', 'provider', 'gateway'] as const;
type Owner = (typeof OWNERS)[number];
const isOwner = (name: string): name is Owner => (OWNERS as readonly string[]).includes(name);

/** Names of what may be asked for as a series. */
export const METRICS: readonly string[] = [
  ...SUMS.map((name) => (isOwner(name) ? `errors.${name}` : name)),
  ...HISTOGRAMS.flatMap((name) => PART_NAMES.map((part) => `${name}.${part}`)),
];

export function cellOf(tally: Tally): Record<string, unknown> {
  const shown: Record<string, unknown> = {
    errors: Object.fromEntries(OWNERS.map((owner) => [owner, tally.sum(owner)])),
  };
  for (const name of SUMS) if (!isOwner(name)) shown[name] = tally.sum(name);
  for (const name of HISTOGRAMS) {
    const values = tally.percentiles(name, PARTS);
    shown[name] = {
      count: tally.count(name),
      ...Object.fromEntries(PART_NAMES.map((part, at) => [part, rounded(values[at] ?? null)])),
    };
  }
  return shown;
}

/** What reads a metric of a tally: a percentile is null where nothing happened, which is not 0; a sum is 0. @param metric one of METRICS */
export function readerOf(metric: string): (tally: Tally) => number | null {
  const [name, part] = metric.split('.') as [string, string?];
  const histogram = HISTOGRAMS.find((one) => one === name);
  if (histogram !== undefined) {
    const parts = [PARTS[PART_NAMES.indexOf(part as 'p50')]!]; // of METRICS, as below
    return (tally) => rounded(tally.percentiles(histogram, parts)[0]!);
  }
  const place = SUMS.indexOf((name === 'errors' ? part : name) as (typeof SUMS)[number]);
  return (tally) => tally.sumAt(place);
}

/** Three digits: buckets are no finer. */
const threeDigits = (value: number): number => Number(value.toPrecision(3));

/** Of the middles of buckets up to days in ms: a year by a hundred groups asks for 73,000, and to write each as text costs a fifth of it. */
const ROUNDED: ReadonlyMap<number, number> = new Map(
  Array.from({ length: 300 }, (_, at) => middleOf(LOWEST_BUCKET + at)).map((value) => [
    value,
    threeDigits(value),
  ]),
);

const rounded = (value: number | null): number | null =>
  value === null ? null : (ROUNDED.get(value) ?? threeDigits(value));
