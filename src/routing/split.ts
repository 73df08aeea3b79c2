// A/B split: which arm of an alias a conversation goes to. The same one each time, on every worker and node.
import { hashText } from '../body/fnv.ts';
import type { Plan } from '../contracts/plan.ts';

/** Every bit of the result depends on every bit of both (murmur3's finalizer). */
function mix(seed: number, number: number): number {
  let hash = seed ^ Math.imul(number, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * @param affinity of the session or user.
 * @returns the arm's plan, or `plan` itself for what no arm takes. Two aliases split the same callers differently.
 */
export function armOf(plan: Plan, affinity: number): Plan {
  const { arms } = plan;
  if (arms === undefined) return plan;
  let point = (mix(hashText(plan.name), affinity) / 2 ** 32) * 100;
  for (const { percent, plan: other } of arms) {
    if (point < percent) return other;
    point -= percent;
  }
  return plan;
}
