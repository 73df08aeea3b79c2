// Many cells added up, or taken away from each other: dense arrays of counts, since that is most of what an overview costs.
import type { KeptCell, StatHistograms, StatSums } from '../../contracts/log-store.ts';
import { LOWEST_BUCKET, percentiles } from './buckets.ts';
import { emptyCell, HISTOGRAMS, SUMS } from './cells.ts';

/** Up to days in ms; grows where something took longer. */
const FIRST_BUCKETS = 300;

type Name = keyof StatHistograms;
type Counts = Record<Name, Float64Array>;

const newCounts = (): Float64Array => new Float64Array(FIRST_BUCKETS);

export class Tally {
  readonly sums: StatSums = emptyCell(false);
  readonly #counts: Counts = {
    ttftMs: newCounts(),
    totalMs: newCounts(),
    overheadMs: newCounts(),
    tokensPerSecond: newCounts(),
  };

  /** @param sign -1 takes it away @param timed false: only its sums count */
  add(cell: KeptCell, sign: 1 | -1 = 1, timed = true): void {
    for (const name of SUMS) this.sums[name] += sign * cell[name];
    if (!timed) return;
    for (const name of HISTOGRAMS) {
      const pairs = cell.histograms[name];
      for (let at = 0; at + 1 < pairs.length; at += 2) {
        const place = pairs[at]! - LOWEST_BUCKET;
        const counts = place < this.#counts[name].length ? this.#counts[name] : this.#grown(name, place);
        counts[place]! += sign * pairs[at + 1]!;
      }
    }
  }

  clear(): void {
    for (const name of SUMS) this.sums[name] = 0;
    for (const name of HISTOGRAMS) this.#counts[name].fill(0);
  }

  /** How many were measured. */
  count(name: Name): number {
    return this.#counts[name].reduce((sum, count) => sum + count, 0);
  }

  /** As `percentiles` of buckets.ts. */
  percentiles(name: Name, parts: readonly number[]): (number | null)[] {
    const buckets: [bucket: number, count: number][] = [];
    const counts = this.#counts[name];
    for (let place = 0; place < counts.length; place++)
      if (counts[place]! > 0) buckets.push([place + LOWEST_BUCKET, counts[place]!]);
    return percentiles(buckets, parts);
  }

  #grown(name: Name, place: number): Float64Array {
    const wider = new Float64Array(place + FIRST_BUCKETS);
    wider.set(this.#counts[name]);
    this.#counts[name] = wider;
    return wider;
  }
}
