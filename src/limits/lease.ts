// How much a worker takes ahead of its calls, so that most of them need no other process (faults.md 2.6).
import type { LimitRule } from '../contracts/limits.ts';

/** All workers together hold at most this share of a limit unspent: the error of the rate in any window. */
const OF_LIMIT = 0.01;
/** And of what may come at once: the rest is there for calls that meet a worker without a lease. */
const OF_BURST = 0.5;
/** Unspent leases of rates go back after this. */
export const LEASE_LIFE_MS = 1_000;

/** Units all askers together may hold unspent. */
export function leasedShare({ dimension, limit, burst }: LimitRule): number {
  const share = limit * OF_LIMIT;
  return Math.floor(
    dimension === 'concurrent' || dimension === 'cost' ? share : Math.min(share, burst * OF_BURST),
  );
}

/** Units one of `holders` workers may hold unspent; 0 = too small a limit: every call asks. */
export function leaseSize(rule: LimitRule, holders: number): number {
  return Math.floor(leasedShare(rule) / Math.max(1, holders));
}
