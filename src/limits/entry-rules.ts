// From entries as people write them to rules of one dimension each, with the numbers GCRA works with. What is wrong with an entry
// others say (config/rate-limits.ts, gatehouse/api/limit-check.ts): here it limits nothing.
import type { BudgetSpec } from '../contracts/budget.ts';
import type { LimitRule } from '../contracts/limits.ts';
import type { BudgetEntry, RateEntry } from '../contracts/own-limits.ts';
import { paceOf } from './pace.ts';
import { parseRate } from './rate-text.ts';

export type RuleWhere = Pick<LimitRule, 'per' | 'match'>;

const NANO = 1e9;

/** @param name of the entry; each rule adds its dimension. */
export function rateRules(entry: RateEntry, name: string, where: RuleWhere): LimitRule[] {
  const rules: LimitRule[] = [];
  const burst = entry.burst ?? null;
  for (const dimension of ['requests', 'tokens'] as const) {
    const text = entry[dimension];
    const rate = text === undefined ? null : parseRate(text);
    if (rate === null) continue;
    const own = dimension === 'requests' || entry.requests === undefined ? burst : null;
    const pace = paceOf(rate.count, rate.periodMs, own);
    const numbers = { limit: rate.count, periodMs: rate.periodMs, ...pace };
    rules.push({ name: `${name}.${dimension}`, dimension, ...where, ...numbers });
  }
  if (entry.concurrent !== undefined) {
    const numbers = { limit: entry.concurrent, periodMs: 0, burst: 0, spacingMs: 0 };
    rules.push({ name: `${name}.concurrent`, dimension: 'concurrent', ...where, ...numbers });
  }
  return rules;
}

/** @param name what it is called where it says no name of its own; the window makes it unlike its neighbours. */
export function budgetRule(entry: BudgetEntry, name: string, where: RuleWhere): LimitRule {
  const budget = budgetOf(entry);
  return {
    name: `${entry.name ?? `${name}-${budget.window}`}.budget`,
    dimension: 'cost',
    ...where,
    limit: budget.amountNano,
    periodMs: 0,
    burst: 0,
    spacingMs: 0,
    budget,
  };
}

function budgetOf({ amountUsd, window, align, timezone, anchor, softAt, override }: BudgetEntry): BudgetSpec {
  return {
    amountNano: Math.round(amountUsd * NANO),
    window: window ?? '1M',
    align: align ?? 'calendar',
    timezone: timezone ?? 'UTC',
    anchorMs: timeOf(anchor) ?? 0,
    softAt: softAt ?? 0.8,
    override:
      override === undefined
        ? null
        : {
            amountNano: Math.round(override.amountUsd * NANO),
            fromMs: timeOf(override.from),
            windows: override.windows ?? null,
          },
  };
}

/** ms since 1970. */
function timeOf(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : time;
}
