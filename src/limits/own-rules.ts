// The rules of one key of the store. Their names stand in counters: whoever names them otherwise gives every key its budget anew.
import type { OwnHolder } from '../contracts/holder.ts';
import type { LimitRule } from '../contracts/limits.ts';
import type { BudgetEntry } from '../contracts/own-limits.ts';
import { budgetRule, rateRules, type RuleWhere } from './entry-rules.ts';

const NONE: readonly LimitRule[] = Object.freeze([]);
const NANO = 1e9;

/** @returns rules in the order of the entries, rates first; frozen */
export function ownRules({ name, id = name, own }: OwnHolder): readonly LimitRule[] {
  if (own === undefined) return NONE;
  const where: RuleWhere = { per: ['key'], match: { key: name, model: null, provider: null } };
  const { version, limits = [], budgets = [], creditNano } = own;
  const rules = limits.flatMap((entry, at) => rateRules(entry, entryName(id, at), where));
  for (const [at, entry] of budgets.entries())
    rules.push(budgetRule({ ...entry, name: budgetName(id, budgets, at) }, id, where));
  if (creditNano !== undefined) {
    const credit = { name: `${id}-credit`, amountUsd: creditNano / NANO, window: 'never' };
    rules.push(budgetRule(credit, id, where));
  }
  return Object.freeze(rules.map((rule) => ({ ...rule, version })));
}

/** Of the limit at a place of an object's list. */
export const entryName = (id: string, at: number): string => (at === 0 ? id : `${id}-${at + 1}`);

/** Two of the same window are told apart; another amount, or their order, changes nothing of what is spent. */
export function budgetName(id: string, budgets: readonly Pick<BudgetEntry, 'window'>[], at: number): string {
  const window = windowOf(budgets[at]!);
  const before = budgets.slice(0, at).filter((other) => windowOf(other) === window).length;
  return `${id}-${window}${before === 0 ? '' : `-${before + 1}`}`;
}

const windowOf = ({ window }: Pick<BudgetEntry, 'window'>): string => window ?? '1M';
