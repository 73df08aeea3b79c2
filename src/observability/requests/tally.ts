// Many cells added up, or taken away from each other, read straight from the text they are kept as (packCell): a year by a hundred
// customers is 36,500 of them, and to make objects or arrays of each costs several times what reading it does.
import type { StatHistograms, StatSums } from '../../contracts/log-store.ts';
import { LOWEST_BUCKET, percentiles } from './buckets.ts';
import { HISTOGRAMS, SUMS } from './cells.ts';

/** Up to days in ms; grows where something took longer. */
const FIRST_BUCKETS = 300;
const [MINUS, COMMA, CLOSE, ZERO, NINE] = [0x2d, 0x2c, 0x5d, 0x30, 0x39];

/** Counts by bucket, of which only those between `low` and `high` can be other than 0. */
interface Counts {
  counts: Float64Array;
  low: number;
  high: number;
}

export class Tally {
  readonly #sums = new Float64Array(SUMS.length);
  readonly #histograms: readonly Counts[] = HISTOGRAMS.map(() => ({
    counts: new Float64Array(FIRST_BUCKETS),
    low: FIRST_BUCKETS,
    high: -1,
  }));

  /** @param cell as packCell wrote it @param sign -1 takes it away @param timed false: only its sums count */
  add(cell: string, sign: 1 | -1 = 1, timed = true): void {
    const sums = this.#sums;
    const size = cell.length;
    /** Where we are: in the sums, then in one histogram after the other. */
    let histogram = -1;
    let nth = 0;
    let bucket = 0;
    // Behind the two brackets that open the cell and its sums.
    for (let at = 2; at < size; at++) {
      let value = 0;
      let code = cell.charCodeAt(at);
      if (code !== CLOSE) {
        const begun = at;
        if (code === MINUS) code = cell.charCodeAt(++at);
        for (; code >= ZERO && code <= NINE; code = cell.charCodeAt(++at)) value = value * 10 + (code - ZERO);
        if (code !== COMMA && code !== CLOSE) {
          // No whole number in plain digits: rare, and as JSON has it.
          while (cell.charCodeAt(at) !== COMMA && cell.charCodeAt(at) !== CLOSE) at += 1;
          value = Number(JSON.parse(cell.slice(begun, at)));
          code = cell.charCodeAt(at);
        } else if (cell.charCodeAt(begun) === MINUS) value = -value;
        if (histogram < 0) {
          if (nth < sums.length) sums[nth]! += sign * value;
        } else if (nth % 2 === 0) bucket = value;
        else this.#count(histogram, bucket - LOWEST_BUCKET, sign * value);
        nth += 1;
      }
      if (code !== CLOSE) continue;
      histogram += 1;
      if (histogram === HISTOGRAMS.length || !timed) return;
      nth = 0;
      // The comma and the bracket that opens the next.
      at += 2;
    }
  }

  /** @param timed false: only its sums count */
  addTally(other: Tally, sign: 1 | -1 = 1, timed = true): void {
    for (let at = 0; at < SUMS.length; at++) this.#sums[at]! += sign * other.#sums[at]!;
    if (!timed) return;
    for (let at = 0; at < HISTOGRAMS.length; at++) {
      const { counts: from, low, high } = other.#histograms[at]!;
      if (high < 0) continue;
      // There is room from here on.
      this.#count(at, low, 0);
      this.#count(at, high, 0);
      const to = this.#histograms[at]!.counts;
      for (let place = low; place <= high; place++) to[place]! += sign * from[place]!;
    }
  }

  clear(): void {
    this.#sums.fill(0);
    this.clearTimes();
  }

  /** Leaves the sums. */
  clearTimes(): void {
    for (const histogram of this.#histograms) {
      if (histogram.high >= 0) histogram.counts.fill(0, histogram.low, histogram.high + 1);
      histogram.low = histogram.counts.length;
      histogram.high = -1;
    }
  }

  sum(name: keyof StatSums): number {
    return this.sumAt(SUMS.indexOf(name));
  }

  /** @param place in SUMS, for who asks thousands of times */
  sumAt(place: number): number {
    return this.#sums[place]!;
  }

  /** How many were measured. */
  count(name: keyof StatHistograms): number {
    const { counts, low, high } = this.#histograms[HISTOGRAMS.indexOf(name)]!;
    let all = 0;
    for (let place = low; place <= high; place++) all += counts[place]!;
    return all;
  }

  /** As `percentiles` of buckets.ts. */
  percentiles(name: keyof StatHistograms, parts: readonly number[]): (number | null)[] {
    const { counts, low, high } = this.#histograms[HISTOGRAMS.indexOf(name)]!;
    return percentiles(counts, low, high, parts);
  }

  #count(histogram: number, place: number, count: number): void {
    const own = this.#histograms[histogram]!;
    if (place >= own.counts.length) {
      const wider = new Float64Array(place + FIRST_BUCKETS);
      wider.set(own.counts);
      if (own.high < 0) own.low = wider.length;
      own.counts = wider;
    }
    own.counts[place]! += count;
    if (place < own.low) own.low = place;
    if (place > own.high) own.high = place;
  }
}
