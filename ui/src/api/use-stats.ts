// Statistics of the range that is looked at.
import { range } from '../app/range.ts';
import { spanMs } from '../format/range.ts';
import { get, urlOf } from './client.ts';
import { type Loaded, useLoad } from './load.ts';
import type { Stats } from './stats.ts';

const FAST_MS = 5_000;
const SLOW_MS = 30_000;

/** `since` and `until` of the range that is looked at. */
export function windowQuery(): Record<string, string> {
  const { relative, from, to } = range.value;
  return relative === null ? { since: String(from), until: String(to) } : { since: relative.slice(1) };
}

/** Of the range that is looked at, and again while it is live. */
export function useStats(query: Readonly<Record<string, string>>): Loaded<Stats> {
  const { relative, compare } = range.value;
  const url = urlOf('/api/stats', {
    ...windowQuery(),
    ...query,
    ...(compare ? { compare: 'previous' } : {}),
  });
  const everyMs = relative === null ? 0 : (spanMs(relative) ?? 0) <= 6 * 3_600_000 ? FAST_MS : SLOW_MS;
  return useLoad(url, (signal) => get<Stats>(url, signal), { everyMs, fresh: url });
}
