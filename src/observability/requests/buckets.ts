// Lengths and rates as counts in buckets that grow by a tenth: what was counted apart can be added up, and percentiles are
// right to five in a hundred. After DDSketch (Masson, Rim, Lee: VLDB 2019), without its collapsing of buckets.
import type { Histogram } from '../../contracts/log-store.ts';

const GROWTH = 1.1;
const LOG_GROWTH = Math.log(GROWTH);
/** All below is one bucket: a microsecond, where the unit is ms. */
const LOWEST = 0.001;
export const LOWEST_BUCKET = -73;

/** @param value ms, or a rate; from 0 */
export function bucketOf(value: number): number {
  return value <= LOWEST ? LOWEST_BUCKET : Math.ceil(Math.log(value) / LOG_GROWTH);
}

/** A value in the middle of its bucket. */
export function middleOf(bucket: number): number {
  return (2 * GROWTH ** bucket) / (1 + GROWTH);
}

export function mergeInto(to: Histogram, from: Histogram): void {
  for (const [bucket, count] of from) to.set(bucket, (to.get(bucket) ?? 0) + count);
}

/**
 * Values below which these parts of all lie, in the order asked for; null = there are none.
 * @param counts by bucket, the first of `counts` being LOWEST_BUCKET @param low, high places in it, with nothing outside
 * @param parts rising, 0 to 1
 */
export function percentiles(
  counts: Float64Array,
  low: number,
  high: number,
  parts: readonly number[],
): (number | null)[] {
  let all = 0;
  for (let place = low; place <= high; place++) if (counts[place]! > 0) all += counts[place]!;
  if (all === 0) return parts.map(() => null);
  let place = low - 1;
  let seen = 0;
  return parts.map((part) => {
    const rank = Math.max(1, Math.ceil(part * all));
    while (seen < rank) {
      place += 1;
      if (counts[place]! > 0) seen += counts[place]!;
    }
    return middleOf(place + LOWEST_BUCKET);
  });
}
