// How many calls of an alias are copied, and whether one more may be: its part of the calls, so many copies at once, and what
// copies cost in a day. One for each worker, which has its part of the numbers.
import type { ShadowConfig } from '../../contracts/alias-config.ts';

const DAY_MS = 86_400_000;
/** Step of a low-discrepancy sequence: any part of calls, evenly spread (the golden ratio). */
const GOLDEN = 0.618_033_988_749_895;

/** `percent`: it is not among them. The others are calls that are, and are not copied all the same. */
export type ShadowAnswer = 'copy' | 'percent' | 'concurrency' | 'budget';

export class ShadowDesk {
  #calls = 0;
  #running = 0;
  #spentNano = 0;
  #day = 0;

  /** A copy that may be made runs from now on. @param workers that share the numbers. @param wallMs since 1970. */
  ask({ percent, concurrency, budgetUsd }: ShadowConfig, workers: number, wallMs: number): ShadowAnswer {
    if ((++this.#calls * GOLDEN) % 1 >= percent / 100) return 'percent';
    if (this.#running >= Math.max(1, Math.floor(concurrency / workers))) return 'concurrency';
    const day = Math.floor(wallMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#spentNano = 0;
    }
    if (this.#spentNano >= (budgetUsd * 1e9) / workers) return 'budget';
    this.#running++;
    return 'copy';
  }

  /** @param costNano what the copy cost, nanodollars; null = its model has no price. */
  over(costNano: number | null): void {
    this.#running--;
    this.#spentNano += costNano ?? 0;
  }
}
