// From a strategy to what carries it out over the targets of one tier.
import type { Balancer } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Strategy } from '../../contracts/strategy.ts';
import { createHashed } from './hashed.ts';
import { busy, createCheapest, createRanked, createTwoChoices, latency, usage } from './ranked.ts';
import { createRoundRobin, createWeighted } from './share-out.ts';

export interface BalancerInput {
  targets: readonly Target[];
  /** What a million tokens in and out cost together, in any unit; null = not known. */
  costOf(target: Target): number | null;
  /** Where this worker begins with what takes turns. */
  start: number;
}

/** @returns null for `order` and where there is nothing to choose. */
export function balancerFor(
  strategy: Strategy,
  { targets, costOf, start }: BalancerInput,
): Balancer<Target> | null {
  if (targets.length < 2) return null;
  switch (strategy) {
    case 'order':
      return null;
    case 'weighted':
      return createWeighted(targets, start);
    case 'round-robin':
      return createRoundRobin(targets, start);
    case 'least-busy':
      return createRanked(targets, busy);
    case 'latency':
      return createRanked(targets, latency);
    case 'cost':
      return createCheapest(targets, costOf);
    case 'usage':
      return createRanked(targets, usage);
    case 'hash':
      return createHashed(targets);
    case 'adaptive':
      return createTwoChoices(targets);
  }
}
