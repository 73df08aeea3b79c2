// When who is turned away by a lane may come again, by Little's law.

/** Bounds of what a call is told to wait, ms. */
const LEAST_MS = 1_000;
const MOST_MS = 60_000;

/** ms until the last of `waiting` calls has its slot. @param meanMs a slot is taken. @param slots that this worker holds. */
export function slotInMs(waiting: number, meanMs: number, slots: number): number {
  return Math.round(Math.min(MOST_MS, Math.max(LEAST_MS, (waiting * meanMs) / Math.max(1, slots))));
}
