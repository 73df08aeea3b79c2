// How long a model takes to its first byte or token, of late: what a hedge calls late. The last answers in a ring, so that a bad
// hour is forgotten by count and not by a clock.

const KEPT = 200;
/** With fewer nobody knows what is late. */
const LEAST = 20;
/** The percentile is found anew after so many further answers: sorting costs some 10 us. */
const EACH = 20;

export class FirstByteTimes {
  readonly #ms = new Float64Array(KEPT);
  #count = 0;
  #known: number | null = null;

  add(ms: number): void {
    this.#ms[this.#count++ % KEPT] = Math.max(0, ms);
    if (this.#count % EACH !== 0) return;
    const sorted = this.#ms.slice(0, Math.min(this.#count, KEPT)).sort();
    this.#known = sorted[Math.ceil(sorted.length * 0.95) - 1]!;
  }

  /** ms that 95 of 100 answers take at most; null = too few are known. */
  get p95(): number | null {
    return this.#count < LEAST ? null : this.#known;
  }
}
