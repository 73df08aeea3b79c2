// When a wait is too long, for the core or for a thread: not for a burst that passes, but when it has stood above what is allowed for a
// while; then the lowest class is refused first, by what a call that comes now would wait.

/** Longest wait of each class as a part of what is allowed, highest first: the lowest is refused first. */
const PARTS = [3, 1, 0.8, 0.65] as const;
/** A wait stands behind so long a time in which it was never shorter than allowed. */
const INTERVAL_MS = 400;
/** It stands no more below this part. */
const OVER = 0.5;
/** Between two looks so much counts at most: in a longer pause the machine did not let the process run. */
export const MOST_OF_PAUSE_MS = 50;
/** Whoever was not looked at for so long had nothing that waited in between. */
const FORGET_MS = 2_000;
/** What a burst may wait, in what is allowed. */
const BURST = 10;

export class StandingWait {
  #maxMs = 0;
  #stoodMs = 0;
  /** Calls are refused that would wait longer than allowed. */
  standing = false;

  /** @param maxMs what a call of class normal may wait; 0 = as long as it takes. */
  follow(maxMs: number): void {
    this.#maxMs = maxMs;
    if (maxMs === 0) this.standing = false;
  }

  /** To be told often while anything waits. @param waitMs what a call that comes now would wait. @param passedMs since it was told last. */
  note(waitMs: number, passedMs: number): void {
    if (passedMs >= FORGET_MS) this.end();
    this.#stoodMs = waitMs < this.#maxMs ? 0 : this.#stoodMs + Math.min(passedMs, MOST_OF_PAUSE_MS);
    if (this.#stoodMs >= INTERVAL_MS) this.standing = this.#maxMs > 0;
    else if (waitMs < this.#maxMs * OVER) this.standing = false;
  }

  /** Nothing waits any more. */
  end(): void {
    this.#stoodMs = 0;
    this.standing = false;
  }

  /** @param rank of the call's class, 0 the highest. */
  refuses(rank: number, waitMs: number): boolean {
    if (this.#maxMs === 0) return false;
    return waitMs >= this.#maxMs * (this.standing ? PARTS[rank]! : BURST);
  }
}
