// A/B split: which arm of an alias a conversation goes to. The same one each time, on every worker and node.
import { hashText, mix } from '../body/fnv.ts';
import type { Plan } from '../contracts/plan.ts';

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
