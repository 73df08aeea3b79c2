// The course of one call: the order in which it goes through its plan. What does not cool down comes first, as planned; then
// the cooling one that is due first. One always stays, cooling or not: the provider's own refusal tells the caller more
// than ours would, and a limit on tokens may well let a small request pass.
import type { BalanceAsk } from '../contracts/balance.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import type { Refusals } from '../contracts/rests.ts';
import { isFor } from './fallback-kind.ts';

/** One for each call. While nothing cools, a step looks at one target and nothing else, and at none where it is the last. */
export class Course {
  readonly #planned: readonly Target[];
  readonly #plan: Plan;
  /** Those gone to and, behind them, those to come. */
  #order: readonly Target[];
  #at = -1;

  /** @param ask what balanced tiers are ordered by; not looked at where there is none. */
  constructor(plan: Plan, ask: BalanceAsk) {
    this.#plan = plan;
    this.#planned = plan.balanced ? laidOut(plan, ask) : plan.targets;
    this.#order = this.#planned;
  }

  /** Targets to come. */
  get left(): number {
    return this.#order.length - this.#at - 1;
  }

  /** How many of those to come are `good`. */
  count(good: (target: Target) => boolean): number {
    let count = 0;
    for (let at = this.#at + 1; at < this.#order.length; at++) if (good(this.#order[at]!)) count++;
    return count;
  }

  /** Not the plan's own order any more, or not all of it: something cooled when it was to be next. */
  get reordered(): boolean {
    return this.#order !== this.#planned;
  }

  /**
   * The next target; only while some are left.
   * @param passedBy hears of those that a warm one goes before because they cool; null = they are not to be spared.
   */
  next(passedBy: Refusals['passedBy'] | null): Target {
    const at = ++this.#at;
    const order = this.#order;
    const target = order[at]!;
    if (passedBy === null || at + 1 === order.length || target.cell.leftMs() === 0) return target;
    this.#order = spareCooling(this.#plan, order, at, passedBy);
    return this.#order[at]!;
  }
}

function laidOut({ tiers }: Plan, ask: BalanceAsk): readonly Target[] {
  const [only] = tiers;
  if (tiers.length === 1) return only!.balancer?.order(ask) ?? only!.targets;
  return tiers.flatMap(({ balancer, targets }) => balancer?.order(ask) ?? targets);
}

/**
 * @param from first target not tried yet; it cools.
 * @returns a new list with the same beginning. Of targets that all cool only one is left: a refusal for each would be
 *   asked for to no purpose.
 */
function spareCooling(
  plan: Plan,
  targets: readonly Target[],
  from: number,
  passedBy: Refusals['passedBy'],
): readonly Target[] {
  const warm: Target[] = [];
  const cooling: Target[] = [];
  // Those for other failures than a limit stand in for nobody that cools.
  const apart: Target[] = [];
  for (let at = from; at < targets.length; at++) {
    const target = targets[at]!;
    if (!isFor(plan, target, 'rate_limit')) apart.push(target);
    else (target.cell.leftMs() === 0 ? warm : cooling).push(target);
  }
  const done = targets.slice(0, from);
  // The one that is due first; where calls are shared out each has its own, or all of them would go to that one.
  const first = cooling[0]!;
  cooling.sort((a, b) => a.cell.leftMs() - b.cell.leftMs());
  if (warm.length === 0) return [...done, plan.balanced ? first : cooling[0]!, ...apart];
  for (let at = from; targets[at] !== warm[0]; at++) passedBy(targets[at]!);
  return [...done, ...warm, ...cooling, ...apart];
}
