// Whether a run says something about the gateway. Most scenarios take the lab's word (`LoadResult.void`), to which too many
// failures make a run void; where failures are the very thing that is counted, only what the load side could not do does.
import type { LoadResult } from '../contract.ts';

/** Share of its core above which a generator no longer sends and reads on time. */
export const MOST_BUSY = 0.8;

type Facts = Pick<LoadResult, 'failed' | 'generatorBusy' | 'void'>;

/**
 * @param paced open loop or streams; a closed loop keeps its generator busy by nature
 * @returns why the load side makes the run void, or null; failures do not
 */
export function loadVoid({ failed, generatorBusy, void: reason }: Facts, paced: boolean): string | null {
  if (failed === 0) return reason;
  if (!paced || generatorBusy <= MOST_BUSY) return null;
  return `the generator was at ${Math.round(generatorBusy * 100)} % of its core`;
}

/** @returns failures with their first reason, or undefined where there was none. */
export function failures(result: Pick<LoadResult, 'failed' | 'requests' | 'firstFault'>): string | undefined {
  const { failed, requests, firstFault } = result;
  if (failed === 0) return undefined;
  return `${failed} of ${requests + failed} failed: ${firstFault ?? 'no reason seen'}`;
}

/** Share of calls that failed, 0 … 1; of no call at all 1. */
export function failedShare({ failed, requests }: Pick<LoadResult, 'failed' | 'requests'>): number {
  return requests + failed === 0 ? 1 : failed / (requests + failed);
}
