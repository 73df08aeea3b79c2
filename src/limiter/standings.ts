// How the limits and budgets of somebody stand: the counters are asked for nothing, which takes nothing and says what is left.
import type { Ask, Bucket, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import type { Standing } from '../contracts/standing.ts';
import { bucketId, hashedValue, nameValue } from '../limits/bucket-id.ts';
import { CALLER_SCOPES, type LimitCaller, valuesOf } from '../limits/rule-match.ts';
import { matchesPattern } from '../names/pattern.ts';
import type { BudgetWindows } from './budget-windows.ts';

/** Counters that one question is about. */
const ASKED_AT_ONCE = 200;

interface Counter {
  readonly bucket: Bucket;
  readonly owner: string;
  readonly startMs: number;
}

export interface StandingBooks {
  readonly windows: BudgetWindows;
  /** Of the configuration. */
  readonly version: number;
  readonly authority: LimitAuthority;
  token(): string;
}

/** Whose counters of a rule are asked for: somebody's, or, where null, those of whom the rule itself names. */
export type StandingOf = LimitCaller | null;

export async function standingsOf(
  rules: readonly LimitRule[],
  of: StandingOf,
  { windows, version, authority, token }: StandingBooks,
): Promise<Standing[]> {
  const wall = windows.wall();
  const counters = rules.flatMap((rule) =>
    // Without their version numbers that were changed would count for older ones, until somebody calls.
    countersOf(rule, of ?? namedBy(rule), windows, wall, rule.version ?? version),
  );
  const standings: Standing[] = [];
  for (let at = 0; at < counters.length; at += ASKED_AT_ONCE) {
    const part = counters.slice(at, at + ASKED_AT_ONCE);
    const asks = part.map(({ bucket }): Ask => ({ bucket, need: 0, want: 0 }));
    const grants = await authority.ask(asks, token());
    const budgets = part.filter(({ bucket }) => bucket.rule.dimension === 'cost');
    const charged = new Map<Counter, number | null>();
    if (authority.charged !== undefined && budgets.length > 0) {
      const sums = await authority.charged(budgets.map(({ bucket }) => bucket.id));
      for (const [index, counter] of budgets.entries()) charged.set(counter, sums[index]!);
    }
    for (const [index, counter] of part.entries()) {
      const { bucket, owner, startMs } = counter;
      const { rule } = bucket;
      const { dimension, per, match, limit, periodMs, budget = null, endsAtMs = 0 } = rule;
      const { remaining, resetMs, spent = charged.get(counter) ?? null } = grants[index]!;
      const { name } = rule;
      standings.push({
        ...{ name, dimension, per, match, owner, limit, remaining, spent, resetMs, periodMs },
        ...{ startMs, endMs: endsAtMs, budget },
      });
    }
  }
  return standings;
}

/** Those that count calls of `caller`; none of a rule that asks for more than who calls. */
function countersOf(
  rule: LimitRule,
  caller: LimitCaller,
  windows: BudgetWindows,
  wall: number,
  version: number,
): Counter[] {
  for (const scope of CALLER_SCOPES) {
    const pattern = rule.match[scope] ?? null;
    if (pattern !== null && !valuesOf(caller, scope).some((value) => matchesPattern(pattern, value)))
      return [];
  }
  let combinations: { ids: string[]; words: string[] }[] = [{ ids: [], words: [] }];
  for (const scope of rule.per) {
    const values = scopeValues(rule, scope, caller);
    combinations = combinations.flatMap(({ ids, words }) =>
      values.map((value) => ({
        ids: [...ids, scope === 'customer' ? hashedValue(value) : nameValue(value)],
        words: [...words, `${scope} ${value}`],
      })),
    );
  }
  const window = rule.budget === undefined ? null : windows.at(rule, wall);
  return combinations.map(({ ids, words }) => ({
    bucket: { id: bucketId(window?.name ?? rule.name, ids), rule: window?.rule ?? rule, version },
    owner: words.length > 0 ? words.join(', ') : ownerOf(rule),
    startMs: window?.startMs ?? 0,
  }));
}

/** Of a model or a provider only what the rule itself names is known. */
function scopeValues(
  rule: LimitRule,
  scope: LimitRule['per'][number],
  caller: LimitCaller,
): readonly string[] {
  const known = CALLER_SCOPES.find((one) => one === scope);
  if (known !== undefined) return valuesOf(caller, known).filter((value) => value !== '');
  const named = scope === 'model' || scope === 'provider' ? rule.match[scope] : null;
  return named === null || named.endsWith('*') ? [] : [named];
}

/** Whom the rule names, whole names alone. */
function namedBy({ match }: LimitRule): LimitCaller {
  const exact = (scope: (typeof CALLER_SCOPES)[number]): string | null => {
    const pattern = match[scope] ?? null;
    return pattern === null || pattern.endsWith('*') ? null : pattern;
  };
  const tag = exact('tag');
  return {
    name: exact('key') ?? '',
    organization: exact('organization'),
    team: exact('team'),
    user: exact('user'),
    customer: exact('customer'),
    project: exact('project'),
    tags: tag === null ? [] : [tag],
    rules: [],
  };
}

function ownerOf({ match }: LimitRule): string {
  const named = CALLER_SCOPES.filter((scope) => (match[scope] ?? null) !== null);
  return named.length === 0 ? 'the gateway' : named.map((scope) => `${scope} ${match[scope]!}`).join(', ');
}
