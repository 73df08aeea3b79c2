// How long a slot rests after its worker died.

/** A worker that lived this long was well: the next death counts as the first again. */
export const STABLE_MS = 10_000;
const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * 0.25 s, doubled for each death in a row, up to 30 s. With STABLE_MS this stays below ten forks a minute.
 * @param deaths deaths in a row, 1 = the first.
 */
export function restartDelayMs(deaths: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(deaths - 1, 16));
}
