// Plans out of tiers. Everything a request reads of a plan is laid out here, once.
import type { Balancer } from '../contracts/balance.ts';
import type { Plan, Target, Tier } from '../contracts/plan.ts';

/** A tier for each target: the first choice, then its fallbacks in order. */
export function tiersInOrder(targets: readonly Target[]): Tier[] {
  return targets.map((target) => ({ balancer: null, targets: [target] }));
}

/** What a plan says besides its targets. */
export type PlanWords = Pick<Plan, 'kinds' | 'gate' | 'rescue' | 'hedge' | 'shadow'>;

/** What `plan` says, for another that is made of it. */
export function wordsOf({ kinds, gate, rescue, hedge, shadow }: Plan): PlanWords {
  return {
    ...(kinds && { kinds }),
    ...(gate !== undefined && { gate }),
    ...(rescue && { rescue }),
    ...(hedge && { hedge }),
    ...(shadow && { shadow }),
  };
}

/** The tier of those that `keep` lets in, ordered by who orders the whole; null = none of them. */
export function partOfTier(tier: Tier, keep: (target: Target) => boolean): Tier | null {
  const targets = tier.targets.filter(keep);
  if (targets.length === tier.targets.length) return tier;
  if (targets.length === 0) return null;
  const { balancer } = tier;
  const kept = new Set(targets);
  const part: Balancer<Target> | null =
    balancer === null || targets.length === 1
      ? null
      : { order: (ask) => balancer.order(ask).filter((target) => kept.has(target)) };
  return { targets, balancer: part };
}

/** @param tiers not empty, nor any of them. */
export function planOf(name: string, tiers: readonly Tier[], words: PlanWords = {}): Plan {
  return {
    name,
    tiers,
    targets: tiers.flatMap(({ targets }) => targets),
    balanced: tiers.some(({ balancer }) => balancer !== null),
    ...words,
  };
}

/**
 * `plan`, behind it the tiers of `others` without targets that are there before; what it is made of stays as it is. What a
 * fallback of `others` was for is not asked here: the caller named them.
 */
export function withFallbacks(plan: Plan, others: readonly Plan[]): Plan {
  const known = new Set(plan.targets.map(({ label }) => label));
  const tiers = [...plan.tiers];
  for (const other of others) {
    for (const tier of other.tiers) {
      const added = partOfTier(tier, ({ label }) => !known.has(label));
      if (added !== null) tiers.push(added);
    }
    for (const { label } of other.targets) known.add(label);
  }
  return { ...planOf(plan.name, tiers, wordsOf(plan)), parts: [plan, ...others] };
}
