// Plans out of tiers. Everything a request reads of a plan is laid out here, once.
import type { Plan, Target, Tier } from '../contracts/plan.ts';

/** A tier for each target: the first choice, then its fallbacks in order. */
export function tiersInOrder(targets: readonly Target[]): Tier[] {
  return targets.map((target) => ({ choose: 'in-order', targets: [target] }));
}

/** @param tiers not empty, nor any of them. */
export function planOf(name: string, tiers: readonly Tier[]): Plan {
  return { name, tiers, targets: tiers.flatMap(({ targets }) => targets) };
}

/** `plan`, behind it the tiers of `others` without targets that are there before; what it is made of stays as it is. */
export function withFallbacks(plan: Plan, others: readonly Plan[]): Plan {
  const known = new Set(plan.targets.map(({ label }) => label));
  const tiers = [...plan.tiers];
  for (const other of others) {
    for (const { choose, targets } of other.tiers) {
      const added = targets.filter(({ label }) => !known.has(label));
      if (added.length > 0) tiers.push({ choose, targets: added });
    }
    for (const { label } of other.targets) known.add(label);
  }
  return { ...planOf(plan.name, tiers), parts: [plan, ...others] };
}
