// Rates for open-loop load. A rate that one gateway takes easily drowns another, and then queueing is measured, not the
// gateway: each gets a rate that leaves it room, the same in every round, and the report says where it is lower.
import type { Dialect, Lab } from '../contract.ts';
import type { Target } from './targets.ts';

/** Of a quick run no number counts, and everyone can do so much. */
const QUICK_PER_SECOND = 20;

/**
 * @param share of what the target could do, 0 … 1
 * @returns a whole rate of 1 at least and `wanted` at most
 */
export function modestRate(wanted: number, capacity: number, share: number): number {
  return Math.max(1, Math.floor(Math.min(wanted, capacity * share)));
}

export interface RateSearch {
  dialect: Dialect;
  /** Requests per second, where the target can bear it. */
  wanted: number;
  connections: number;
  share: number;
}

/** Asks each target in a short closed loop what it can do. */
export async function modestRates(
  lab: Lab,
  targets: readonly Target[],
  search: RateSearch,
): Promise<Map<string, number>> {
  const rates = new Map<string, number>();
  for (const { name, endpoint } of targets) {
    if (lab.quick) {
      rates.set(name, QUICK_PER_SECOND);
      continue;
    }
    const { dialect, connections } = search;
    const { perSecond } = await lab.unary({ endpoint, dialect, connections, seconds: 1 });
    rates.set(name, modestRate(search.wanted, perSecond, search.share));
  }
  return rates;
}

/** Undefined where the target was given what was wanted. */
export function rateRemark(rate: number, wanted: number): string | undefined {
  return rate < wanted ? `at ${rate}/s: ${wanted}/s would be more than it takes easily` : undefined;
}
