// The generic cell rate algorithm, pure: one number per bucket, the clock as an argument. Formulas: faults.md 2.6.
// Whatever the order and size of the calls, a window W admits at most B + W/T units. The one exception is stated: a
// call that alone costs more than B is not refused for ever; it waits for a full bucket and runs into debt, which
// those behind it wait out.

/** A bucket. `tat`: the time at which it would be empty of debt; at or before now it is full. */
export interface GcraState {
  tat: number;
}

/** What GCRA needs of a rule. */
export interface GcraPace {
  /** B, at least 1. */
  burst: number;
  /** T: ms per unit. */
  spacingMs: number;
}

/** A booking beyond what was admitted blocks a bucket for so long at most. */
const MAX_DEBT_MS = 86_400_000;
/** Rounding of sums of fractions, in units: a client that waits the stated time must be admitted. */
const EPSILON = 1e-6;

/** Clocks in fractions of a ms: what is left of a wait after rounding is no wait. */
const EPSILON_MS = 1e-6;

/**
 * A number of units that can be booked: negative ones are none, anything that is no number or too large is `most`.
 * Spending never falls by what somebody claims.
 */
export function saneUnits(units: number, most: number): number {
  if (Number.isNaN(units) || units > most) return most;
  return Math.max(units, 0);
}

/** Units that would be admitted at `now`. */
export function unitsLeft(state: GcraState, pace: GcraPace, now: number): number {
  const debt = Math.max(0, state.tat - now);
  return Math.max(0, pace.burst - debt / pace.spacingMs);
}

/**
 * Takes between `need` and `want` units.
 * @returns how many were taken: 0 when `need` is not there.
 */
export function take(state: GcraState, pace: GcraPace, now: number, need: number, want: number): number {
  const asked = saneUnits(need, Number.MAX_SAFE_INTEGER);
  if (asked === 0 && !(want > 0)) return 0;
  const left = unitsLeft(state, pace, now);
  const least = Math.min(asked, pace.burst);
  if (least > left + EPSILON) return 0;
  const most = Math.floor(left + EPSILON);
  const taken = Math.max(asked, Math.min(saneUnits(want, Number.MAX_SAFE_INTEGER), most));
  state.tat = Math.max(now, state.tat) + taken * pace.spacingMs;
  return taken;
}

/** ms from `now` until `need` would be admitted; 0 = it would be now. */
export function waitMs(state: GcraState, pace: GcraPace, now: number, need: number): number {
  const least = Math.min(saneUnits(need, Number.MAX_SAFE_INTEGER), pace.burst);
  const wait = state.tat - now - (pace.burst - least) * pace.spacingMs;
  return wait > EPSILON_MS ? wait : 0;
}

/** Gives back what was taken and not used. More than was taken cannot come of it: a bucket is never more than full. */
export function giveBack(state: GcraState, pace: GcraPace, units: number): void {
  state.tat -= saneUnits(units, Number.MAX_SAFE_INTEGER) * pace.spacingMs;
}

/** Books what was used beyond what was admitted: not refused any more, but those behind it wait. */
export function book(state: GcraState, pace: GcraPace, now: number, units: number): void {
  const tat = Math.max(now, state.tat) + saneUnits(units, Number.MAX_SAFE_INTEGER) * pace.spacingMs;
  state.tat = Math.max(state.tat, Math.min(tat, now + MAX_DEBT_MS));
}

/** ms until the bucket is full again. */
export function fullInMs(state: GcraState, now: number): number {
  return Math.max(0, state.tat - now);
}
