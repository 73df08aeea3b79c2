// The rules of budgets as they are now: of each the window that the clock is in, and the amount that holds for it.
import { amountAt, windowAt } from '../budgets/window.ts';
import { ZoneClock } from '../budgets/zone-clock.ts';
import type { LimitRule } from '../contracts/limits.ts';

/** A budget in one of its windows. */
export interface WindowedRule {
  /** Its amount and its end are those of the window. */
  readonly rule: LimitRule;
  /** Names its counters in this window. */
  readonly name: string;
  readonly startMs: number;
  /** Infinity = it never ends. */
  readonly endMs: number;
}

export class BudgetWindows {
  readonly #wall: () => number;
  readonly #clock = new ZoneClock();
  readonly #now = new WeakMap<LimitRule, WindowedRule>();

  /** @param wall ms since 1970, of whoever owns the counters. */
  constructor(wall: () => number) {
    this.#wall = wall;
  }

  wall(): number {
    return this.#wall();
  }

  /** Of a rule with a budget. */
  at(rule: LimitRule, wall: number): WindowedRule {
    const known = this.#now.get(rule);
    if (known !== undefined && wall >= known.startMs && wall < known.endMs) return known;
    const budget = rule.budget!;
    const { id, startMs, endMs } = windowAt(budget, wall, this.#clock);
    const limit = amountAt(budget, wall, this.#clock);
    const made: WindowedRule = {
      rule: { ...rule, limit, endsAtMs: endMs ?? 0 },
      name: `${rule.name}@${id}`,
      startMs,
      endMs: endMs ?? Number.POSITIVE_INFINITY,
    };
    this.#now.set(rule, made);
    return made;
  }
}
