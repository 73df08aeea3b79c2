// The window of a question in whole steps: fine ones for a short window, coarse ones for a long one.
import { STEP_MS, type StatStep } from '../../src/contracts/log-store.ts';
import { ApiError } from '../errors/api-error.ts';

export interface Window {
  readonly step: StatStep;
  readonly since: number;
  readonly until: number;
}

/** Longest windows by step, where none is asked for. */
const MINUTES_UP_TO_MS = 6 * STEP_MS.hour;
const HOURS_UP_TO_MS = 14 * STEP_MS.day;
/** Sums of minutes and hours are kept so long; those of days as long as charges are. */
export const MINUTES_KEPT_MS = 3 * STEP_MS.day;
export const HOURS_KEPT_MS = 60 * STEP_MS.day;
const DEFAULT_MS = STEP_MS.day;
const MAX_POINTS = 2_000;

/** @throws ApiError 400 */
export function windowOf(
  since: number | null,
  until: number | null,
  step: StatStep | null,
  now: number,
): Window {
  const end = until ?? now;
  const begin = since ?? end - DEFAULT_MS;
  if (begin >= end)
    throw new ApiError(400, 'invalid_value', 'since: must be before until', { param: 'since' });
  const chosen = step ?? stepOf(begin, end, now);
  const width = STEP_MS[chosen];
  const first = Math.floor(begin / width) * width;
  const last = Math.ceil(end / width) * width;
  if ((last - first) / width > MAX_POINTS)
    throw new ApiError(400, 'invalid_value', `step: more than ${MAX_POINTS} points; take a wider step`, {
      param: 'step',
    });
  return { step: chosen, since: first, until: last };
}

function stepOf(since: number, until: number, now: number): StatStep {
  const length = until - since;
  if (length <= MINUTES_UP_TO_MS && now - since < MINUTES_KEPT_MS) return 'minute';
  return length <= HOURS_UP_TO_MS && now - since < HOURS_KEPT_MS ? 'hour' : 'day';
}
