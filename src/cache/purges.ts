// Purges of late, for answers that were under way when they came: what was asked of a model before a purge is not kept behind it.
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';
import { fits } from './answer-store.ts';

/** Beyond them the oldest is taken to have been of all. */
const MAX_KNOWN = 100;

export class Purges {
  #known: { wanted: CachePurge; atMs: number }[] = [];
  /** What began before is not kept, whatever it is. */
  #allMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs monotonic. */
  add(wanted: CachePurge, nowMs: number): void {
    this.#lastMs = nowMs;
    this.#known.push({ wanted, atMs: nowMs });
    if (this.#known.length > MAX_KNOWN) this.#allMs = this.#known.shift()!.atMs;
  }

  /** Whether an answer whose call began at `beganMs` (monotonic) is one that was to go. */
  reach(entry: CachedAnswer, beganMs: number): boolean {
    if (beganMs >= this.#lastMs) return false;
    return (
      beganMs < this.#allMs || this.#known.some(({ wanted, atMs }) => beganMs < atMs && fits(entry, wanted))
    );
  }
}
