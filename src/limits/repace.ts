// A reload changed the numbers of a bucket that owes something: what was used stays used, in units and not in time, or a
// day's debt would be a day's wait under a limit per minute. Nothing is lost by it: gateways that reload one after the other
// change the numbers of a shared bucket to and fro, and each change must not be a burst more. What the old burst allowed
// and the new one does not is let off when the new numbers have stood for a while. The same in Lua: redis/limits/lua-shared.ts. The
// embedded ledger (ledger.ts) has one owner, whose new numbers stand at once.
import { costOf, isStill, MAX_COST_US, type Meter, type MeterPace, MICRO, meterWaitUs } from './meter.ts';

/** So long the new numbers have to stand: gateways reload within a few seconds. */
export const STANDS_US = 5_000_000;

/** A bucket and the numbers its debt is in. */
export interface PacedMeter extends Meter {
  /** Null: nothing was ever owed. */
  pace: MeterPace | null;
  /** us of the debt that are let off when the numbers have stood. */
  excessUs: number;
  /** us when the numbers changed. */
  changedUs: number;
}

/** A debt in other numbers: rounded up, so that no number of changes makes it less. */
function convertDebt(debtUs: number, from: MeterPace, to: MeterPace): number {
  const ratio = (to.spacingUs + to.spacingFrac / MICRO) / (from.spacingUs + from.spacingFrac / MICRO);
  return Math.min(MAX_COST_US, Math.ceil(debtUs * ratio));
}

function samePace(a: MeterPace, b: MeterPace): boolean {
  return a === b || (a.spacingUs === b.spacingUs && a.spacingFrac === b.spacingFrac && a.burst === b.burst);
}

/** The drained bucket goes on with these numbers. @param standsUs so long new ones have to stand. */
export function repace(meter: PacedMeter, pace: MeterPace, nowUs: number, standsUs = STANDS_US): void {
  const before = meter.pace;
  // Only what is still owed can be let off.
  if (meter.excessUs > meter.debtUs) meter.excessUs = meter.debtUs;
  if (before !== null && samePace(before, pace)) {
    if (meter.excessUs > 0 && nowUs - meter.changedUs >= standsUs) {
      meter.debtUs = Math.max(0, meter.debtUs - meter.excessUs);
      meter.excessUs = 0;
      if (meter.debtUs === 0) meter.debtFrac = 0;
    }
    return;
  }
  meter.pace = pace;
  meter.excessUs = 0;
  // Another amount of a budget leaves what was spent as it is.
  if (isStill(pace)) return;
  if (before === null || (meter.debtUs === 0 && meter.debtFrac === 0)) return;
  const beyond = Math.max(0, meter.debtUs - costOf(before.burst, before)[0]);
  meter.debtUs = convertDebt(meter.debtUs + (meter.debtFrac > 0 ? 1 : 0), before, pace);
  meter.debtFrac = 0;
  meter.excessUs = Math.max(
    0,
    meter.debtUs - costOf(pace.burst, pace)[0] - convertDebt(beyond, before, pace),
  );
  meter.changedUs = nowUs;
}

/** Microseconds until `need` would be admitted if the numbers stand, 0 = now. */
export function pacedWaitUs(
  meter: PacedMeter,
  pace: MeterPace,
  need: number,
  nowUs: number,
  standsUs = STANDS_US,
): number {
  const waitUs = meterWaitUs(meter, pace, need);
  if (waitUs === 0 || meter.excessUs === 0) return waitUs;
  return Math.min(waitUs, Math.max(standsUs - (nowUs - meter.changedUs), waitUs - meter.excessUs));
}
