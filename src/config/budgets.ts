// From the budgets of the file to rules that count what calls cost.
import { isTimeZone } from '../budgets/zone-clock.ts';
import type { LimitRule } from '../contracts/limits.ts';
import { budgetRule, type RuleWhere } from '../limits/entry-rules.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';
import type { FileConfig } from './schema/schema.ts';

type Entry = NonNullable<FileConfig['budgets']>[number];
export type OwnBudget = Omit<Entry, 'per' | 'match'>;

/** @param name what it is called where it says no name of its own; the window makes it unlike its neighbours. */
export function checkedBudget(
  entry: OwnBudget,
  name: string,
  where: RuleWhere,
  path: Path,
  context: BuildContext,
): LimitRule {
  const { timezone, anchor, override } = entry;
  if (timezone !== undefined && !isTimeZone(timezone))
    context.report([...path, 'timezone'], 'there is no such time zone');
  const check = (text: string | undefined, field: Path): void => {
    if (text !== undefined && Number.isNaN(Date.parse(text)))
      context.report([...path, ...field], 'there is no such day or time');
  };
  check(anchor, ['anchor']);
  check(override?.from, ['override', 'from']);
  if (override?.windows !== undefined && override.from === undefined)
    context.report([...path, 'override', 'windows'], 'from when on? State `from` as well');
  return budgetRule(entry, name, where);
}

/** Unlike all names before: the second of the same kind is `key-1d-2.budget`. */
export function distinct(rule: LimitRule, names: ReadonlySet<string>): LimitRule {
  let name = rule.name;
  for (let at = 2; names.has(name); at++) name = rule.name.replace(/\.budget$/, `-${at}.budget`);
  return name === rule.name ? rule : { ...rule, name };
}
