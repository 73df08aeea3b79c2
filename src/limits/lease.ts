// How much a worker takes ahead of its calls, so that most of them need no other process (faults.md 2.6).
import type { LimitRule } from '../contracts/limits.ts';

/** All workers together hold at most this share of a limit unspent: the error of the rate in any window. */
const LEASED_SHARE = 0.01;
/** Unspent leases of rates go back after this. */
export const LEASE_LIFE_MS = 1_000;

/**
 * Units one of `holders` workers may hold unspent; 0 = too small a limit: every call asks.
 * A lease is never more than the burst, or one worker would starve the others.
 */
export function leaseSize(rule: LimitRule, holders: number): number {
  const size = Math.floor((LEASED_SHARE * rule.limit) / Math.max(1, holders));
  return rule.dimension === 'concurrent' ? size : Math.min(size, Math.floor(rule.burst));
}
