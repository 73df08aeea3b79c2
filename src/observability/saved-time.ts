// What a kept answer spared who waited for it.
import type { Call } from '../contracts/call.ts';

/** Whole ms by which it came sooner than when it was made: 0 where it is replayed as slowly. @returns null = none was given, or not whole */
export function savedMs({ cache, error, startedAt, lastByteAt, settledAt }: Call): number | null {
  if (cache === null || cache.madeMs === null || error !== null) return null;
  return Math.max(0, Math.round(cache.madeMs - ((lastByteAt || settledAt) - startedAt)));
}
