// GCRA in whole numbers (faults.md 2.6), the one arithmetic of all limits: the ledger's,
// the local policy's while Redis is away, and that of the Lua scripts (redis/limits/lua-shared.ts): microseconds and millionths of
// a microsecond, so that a million small bookings drift by nothing and both sides decide alike. A bucket is its debt
// (GCRA's `tat - now`) and when that was true: a clock that goes back drains nothing instead of blocking for the jump.
import type { LimitRule } from '../contracts/limits.ts';

/**
 * T = spacingUs + spacingFrac / 1e6 microseconds per unit. Below 0 the meter stands still: time drains nothing, a unit
 * of debt is a unit, and `spacingFrac` is when the whole of it is over (ms since 1970; 0 = never).
 */
export interface MeterPace {
  spacingUs: number;
  spacingFrac: number;
  /** B, whole units. */
  burst: number;
}

/** Debt of a bucket, true at `seenUs`. */
export interface Meter {
  debtUs: number;
  debtFrac: number;
  seenUs: number;
}

/** Millionths in a whole. */
export const MICRO = 1_000_000;
/** Most units one operation moves; with it every product below stays exact in a double. */
export const MAX_UNITS = 1_000_000_000;
/** Likewise where units are nanodollars: a million dollars. Nothing is multiplied there. */
export const MAX_NANO = 1e15;
/** Most microseconds one operation costs (31 years). */
export const MAX_COST_US = 1e15;
/** How far a bucket may be in debt beyond its burst. */
const MAX_DEBT_US = 86_400_000_000;

/** A rule's numbers for the meter; only rules of rates have any. */
export function meterPace(
  rule: Pick<LimitRule, 'spacingMs' | 'burst'> & Partial<Pick<LimitRule, 'dimension' | 'limit' | 'endsAtMs'>>,
): MeterPace {
  if (rule.dimension === 'cost')
    return {
      spacingUs: -1,
      spacingFrac: rule.endsAtMs ?? 0,
      burst: Math.max(0, Math.min(MAX_NANO, Math.floor(rule.limit ?? 0))),
    };
  const ticks = Math.max(1, Math.round(rule.spacingMs * 1e9)); // millionths of a microsecond
  const spacingUs = Math.floor(ticks / MICRO);
  return {
    spacingUs,
    spacingFrac: spacingUs > 1e9 ? 0 : ticks - spacingUs * MICRO,
    burst: Math.min(MAX_UNITS, Math.max(1, Math.floor(rule.burst))),
  };
}

export function isStill(pace: MeterPace): boolean {
  return pace.spacingUs < 0;
}

/** Most units one operation moves of a meter with this pace. */
export function mostUnits(pace: MeterPace | null): number {
  return pace !== null && isStill(pace) ? MAX_NANO : MAX_UNITS;
}

/** Whole units that can be asked for: no number, or one too large, is the most; a negative one is none. */
export function wholeUnits(units: number, most = MAX_UNITS): number {
  if (Number.isNaN(units) || units > most) return most;
  return units > 0 ? Math.ceil(units) : 0;
}

/** [microseconds, millionths] of `units`. */
export function costOf(units: number, pace: MeterPace): readonly [number, number] {
  if (isStill(pace)) return [units, 0];
  const frac = units * pace.spacingFrac;
  const carry = Math.floor(frac / MICRO);
  const us = units * pace.spacingUs + carry;
  return us > MAX_COST_US ? [MAX_COST_US, 0] : [us, frac - carry * MICRO];
}

/** What has passed since it was seen is paid. */
export function drain(meter: Meter, nowUs: number, pace: MeterPace | null = null): void {
  const passed = pace !== null && isStill(pace) ? 0 : nowUs - meter.seenUs;
  if (passed > 0) meter.debtUs -= passed;
  if (meter.debtUs < 0) {
    meter.debtUs = 0;
    meter.debtFrac = 0;
  }
  meter.seenUs = nowUs;
}

/** Units that would be admitted now; the meter is drained. */
export function meterLeft(meter: Meter, pace: MeterPace): number {
  const [us, frac] = roomOf(meter, pace);
  if (us < 0) return 0;
  if (isStill(pace)) return us;
  // The division is only a first guess; what counts is the exact cost.
  let units = Math.floor((us + frac / MICRO) / (pace.spacingUs + pace.spacingFrac / MICRO));
  if (units > pace.burst) units = pace.burst;
  while (units > 0 && !fits(units, pace, us, frac)) units--;
  while (units < pace.burst && fits(units + 1, pace, us, frac)) units++;
  return units;
}

/**
 * Microseconds until `need` would be admitted, 0 = now. A need beyond the burst waits for a full bucket. Of a meter that stands
 * still it is what lacks: no wait does, and a need beyond the amount never fits.
 */
export function meterWaitUs(meter: Meter, pace: MeterPace, need: number): number {
  const [us, frac] = roomOf(meter, pace);
  const [costUs, costFrac] = costOf(isStill(pace) ? need : Math.min(need, pace.burst), pace);
  let waitUs = costUs - us;
  const waitFrac = costFrac - frac;
  if (waitFrac > 0) waitUs++;
  return need > 0 && waitUs > 0 ? waitUs : 0;
}

/** Takes `need`, and up to `want` where that fits. Call only when `meterWaitUs` is 0. @returns units taken. */
export function meterTake(meter: Meter, pace: MeterPace, need: number, want: number): number {
  const taken = Math.max(need, Math.min(want, meterLeft(meter, pace)));
  meterBook(meter, pace, taken);
  return taken;
}

/** Books units that need no admission: what was used beyond a grant. */
export function meterBook(meter: Meter, pace: MeterPace, units: number): void {
  if (units === 0) return;
  const [costUs, costFrac] = costOf(units, pace);
  if (isStill(pace)) {
    meter.debtUs = Math.min(Number.MAX_SAFE_INTEGER, meter.debtUs + costUs);
    return;
  }
  // A debt that came from other numbers may be more already.
  const most = Math.max(costOf(pace.burst, pace)[0] + MAX_DEBT_US, meter.debtUs);
  meter.debtUs += costUs;
  meter.debtFrac += costFrac;
  if (meter.debtFrac >= MICRO) {
    meter.debtUs++;
    meter.debtFrac -= MICRO;
  }
  if (meter.debtUs >= most) {
    meter.debtUs = most;
    meter.debtFrac = 0;
  }
}

/** Gives units back; a bucket is never more than full. */
export function meterBack(meter: Meter, pace: MeterPace, units: number): void {
  const [costUs, costFrac] = costOf(units, pace);
  meter.debtUs -= costUs;
  meter.debtFrac -= costFrac;
  if (meter.debtFrac < 0) {
    meter.debtUs--;
    meter.debtFrac += MICRO;
  }
  if (meter.debtUs < 0) {
    meter.debtUs = 0;
    meter.debtFrac = 0;
  }
}

/** Units that a debt of so many microseconds stands for, rounded up. */
export function unitsOfDebt(debtUs: number, pace: MeterPace): number {
  if (isStill(pace)) return debtUs;
  return Math.ceil(debtUs / (pace.spacingUs + pace.spacingFrac / MICRO));
}

/** Cost of the burst less the debt; the millionths are never negative, the microseconds are in debt. */
function roomOf(meter: Meter, pace: MeterPace): readonly [number, number] {
  const [burstUs, burstFrac] = costOf(pace.burst, pace);
  const us = burstUs - meter.debtUs;
  const frac = burstFrac - meter.debtFrac;
  return frac < 0 ? [us - 1, frac + MICRO] : [us, frac];
}

function fits(units: number, pace: MeterPace, roomUs: number, roomFrac: number): boolean {
  const [us, frac] = costOf(units, pace);
  return us < roomUs || (us === roomUs && frac <= roomFrac);
}
