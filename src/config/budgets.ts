// From the budgets of the file to rules that count what calls cost.
import { isTimeZone } from '../budgets/zone-clock.ts';
import type { BudgetSpec } from '../contracts/budget.ts';
import type { LimitRule } from '../contracts/limits.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

type Entry = NonNullable<FileConfig['budgets']>[number];
export type OwnBudget = Omit<Entry, 'per' | 'match'>;
type Where = Pick<LimitRule, 'per' | 'match'>;

const NANO = 1e9;

/** @param name what it is called where it says no name of its own; the window makes it unlike its neighbours. */
export function budgetRule(
  entry: OwnBudget,
  name: string,
  where: Where,
  path: Path,
  context: BuildContext,
): LimitRule {
  const { timezone = 'UTC', override } = entry;
  if (!isTimeZone(timezone)) context.report([...path, 'timezone'], 'there is no such time zone');
  const at = (text: string | undefined, field: Path): number | null => {
    if (text === undefined) return null;
    const time = Date.parse(text);
    if (Number.isNaN(time)) context.report([...path, ...field], 'there is no such day or time');
    return time;
  };
  const budget: BudgetSpec = {
    amountNano: Math.round(entry.amountUsd * NANO),
    window: entry.window ?? '1M',
    align: entry.align ?? 'calendar',
    timezone,
    anchorMs: at(entry.anchor, ['anchor']) ?? 0,
    softAt: entry.softAt ?? 0.8,
    override:
      override === undefined
        ? null
        : {
            amountNano: Math.round(override.amountUsd * NANO),
            fromMs: at(override.from, ['override', 'from']),
            windows: override.windows ?? null,
          },
  };
  if (override?.windows !== undefined && override.from === undefined)
    context.report([...path, 'override', 'windows'], 'from when on? State `from` as well');
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

/** Unlike all names before: the second of the same kind is `key-1d-2.budget`. */
export function distinct(rule: LimitRule, names: ReadonlySet<string>): LimitRule {
  let name = rule.name;
  for (let at = 2; names.has(name); at++) name = rule.name.replace(/\.budget$/, `-${at}.budget`);
  return name === rule.name ? rule : { ...rule, name };
}
