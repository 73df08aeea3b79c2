// What an answer will cost in output tokens when the client did not bound it: learned per key and model. It follows the
// ninth decile of what was seen, so that few calls use more than was reserved; what they use is settled in any case.

/** Before anything is known. */
const FIRST = 512;
const QUANTILE = 0.9;
/** Share of the estimate one answer may move it by. */
const STEP = 0.08;
const LEAST = 16;

export class OutputEstimate {
  #tokens = FIRST;
  #seen = 0;

  get tokens(): number {
    return Math.ceil(this.#tokens);
  }

  /** An answer had so many. */
  learn(output: number): void {
    if (!Number.isFinite(output) || output < 0) return;
    // The first answers say more than the guess: they move it halfway.
    if (this.#seen < 4) {
      this.#seen++;
      this.#tokens = Math.max(LEAST, (this.#tokens + output) / 2, output);
      return;
    }
    const step = Math.max(1, this.#tokens * STEP);
    const up = output > this.#tokens;
    this.#tokens = Math.max(LEAST, this.#tokens + (up ? step * QUANTILE : -step * (1 - QUANTILE)));
  }
}
