// How many calls of an alias may be hedged: a part of those that came, and no more than a few in a row, so that a provider which
// becomes slow altogether is not asked twice for everything.

/** What quiet times save up. */
const MOST = 10;

export class HedgeBudget {
  readonly #share: number;
  #left = 0;

  /** @param share of calls, 0 to 1. */
  constructor(share: number) {
    this.#share = share;
  }

  arrived(): void {
    this.#left = Math.min(MOST, this.#left + this.#share);
  }

  /** Whether one may be hedged now; if so it counts. */
  take(): boolean {
    // Twenty times a twentieth is a little less than one.
    if (this.#left < 1 - 1e-9) return false;
    this.#left -= 1;
    return true;
  }
}
