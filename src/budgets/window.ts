// In which window of a budget an instant falls. Worked out when somebody reads, from the budget and the time alone: no job
// gives a budget anew, and all workers and gateways come to the same window.
import type { BudgetSpec, BudgetWindow } from '../contracts/budget.ts';
import type { ZoneClock } from './zone-clock.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
export const WINDOW_PATTERN = '^(never|[1-9][0-9]{0,3}[smhdwMQY])$';

/** Fixed lengths: all of a rolling window, and parts of a day. */
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  M: 30 * DAY_MS,
  Q: 90 * DAY_MS,
  Y: 365 * DAY_MS,
};
const MONTHS: Readonly<Record<string, number>> = { M: 1, Q: 3, Y: 12 };
/** 1 January 1970 was a Thursday: weeks begin with Mondays. */
const MONDAY = 4;

type Timed = Pick<BudgetSpec, 'window' | 'align' | 'timezone' | 'anchorMs'>;

/** @param atMs ms since 1970. */
export function windowAt(spec: Timed, atMs: number, clock: ZoneClock): BudgetWindow {
  const { window, align, timezone, anchorMs } = spec;
  if (window === 'never') return { id: 'never', startMs: 0, endMs: null };
  const count = Number(window.slice(0, -1));
  const unit = window.slice(-1);
  if (align === 'rolling') return lattice(window, 'r', count * UNIT_MS[unit]!, anchorMs, atMs);
  if (unit === 's' || unit === 'm' || unit === 'h')
    return lattice(window, '', count * UNIT_MS[unit]!, 0, atMs);
  const { year, month, day } = clock.dayAt(timezone, atMs);
  if (unit === 'd' || unit === 'w') {
    const days = count * (unit === 'd' ? 1 : 7);
    const shift = unit === 'd' ? 0 : MONDAY;
    const first = floorTo(Date.UTC(year, month, day) / DAY_MS - shift, days) + shift;
    const start = (days: number): number => clock.startOf(timezone, 1970, 0, 1 + days);
    return made(window, '', start(first), start(first + days));
  }
  const months = count * MONTHS[unit]!;
  const first = floorTo((year - 1970) * 12 + month, months);
  return made(
    window,
    '',
    clock.startOf(timezone, 1970, first, 1),
    clock.startOf(timezone, 1970, first + months, 1),
  );
}

/** What may be spent in the window of `atMs`, with an override where one holds for it. */
export function amountAt(spec: BudgetSpec, atMs: number, clock: ZoneClock): number {
  const { override, amountNano } = spec;
  if (override === null) return amountNano;
  const { fromMs, windows } = override;
  if (fromMs === null) return override.amountNano;
  let window = windowAt(spec, fromMs, clock);
  if (atMs < window.startMs) return amountNano;
  if (windows === null) return override.amountNano;
  for (let left = windows; left > 0; left--) {
    if (window.endMs === null || atMs < window.endMs) return override.amountNano;
    window = windowAt(spec, window.endMs, clock);
  }
  return amountNano;
}

function lattice(window: string, kind: string, ms: number, anchorMs: number, atMs: number): BudgetWindow {
  const start = anchorMs + floorTo(atMs - anchorMs, ms);
  return made(window, kind, start, start + ms);
}

function made(window: string, kind: string, startMs: number, endMs: number): BudgetWindow {
  return { id: `${window}${kind}-${startMs.toString(36)}`, startMs, endMs };
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
