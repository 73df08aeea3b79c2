// Which counters of budgets a corrected charge is in, of the windows that are not over: those that a call of the same caller and
// model would meet now, where the charge lies in their window.
import type { RechargedCounters } from '../contracts/ipc.ts';
import type { Bucket, LimitAuthority, LimitRule, LimitScope } from '../contracts/limits.ts';
import type { Recharge } from '../contracts/recharge.ts';
import { bucketId, hashedValue, nameValue } from '../limits/bucket-id.ts';
import { bucketWire } from '../limits/bucket-wire.ts';
import { headerOf, type LimitCaller, rulesOfCall, rulesOfTarget, valuesOf } from '../limits/rule-match.ts';
import type { BudgetTally } from './budget-tally.ts';
import type { BudgetWindows } from './budget-windows.ts';
import { RulesByCaller } from './rules-by-caller.ts';

export interface RechargedBucket {
  readonly bucket: Bucket;
  /** Whole nanodollars; below 0 = less is spent. */
  nano: number;
}

/** What charges may count in. */
export interface ChargedRules {
  readonly ofConfig: readonly LimitRule[];
  /** Those that come with keys, by the key's name; of keys that no charge is of none has to be here. */
  readonly ofKeys: ReadonlyMap<string, readonly LimitRule[]>;
}

/** Who counts. */
export interface RechargeBooks {
  readonly windows: BudgetWindows;
  /** Of the configuration. */
  readonly version: number;
  readonly authority: LimitAuthority;
  /** Hears what is spent of budgets. */
  readonly tally: BudgetTally | null;
  /** A new name for what is told, unlike any other's. */
  token(): string;
}

/** Counters in Redis are changed. @returns those that the primary has, which it changes itself */
export function changeRecharged(
  rules: ChargedRules,
  charges: readonly Recharge[],
  books: RechargeBooks,
): RechargedCounters {
  if (books.authority.commit === undefined) {
    bookRecharged(rules, charges, books);
    return [];
  }
  const found = rechargedBuckets(rules, charges, books.windows, books.version);
  for (const { bucket, nano } of found) books.tally?.used(bucket, nano);
  return found.map(({ bucket, nano }) => [bucketWire(bucket), nano]);
}

/** What was spent and never reserved: counted beyond any grant. */
export function bookRecharged(
  rules: ChargedRules,
  charges: readonly Recharge[],
  { windows, version, authority, tally, token }: RechargeBooks,
): void {
  for (const { bucket, nano } of rechargedBuckets(rules, charges, windows, version)) {
    tally?.used(bucket, nano);
    authority.giveBack(bucket, -nano, token());
  }
}

/** @param version of the configuration */
export function rechargedBuckets(
  { ofConfig, ofKeys }: ChargedRules,
  charges: readonly Recharge[],
  windows: BudgetWindows,
  version: number,
): RechargedBucket[] {
  const budgets = new RulesByCaller(ofConfig.filter(isBudget));
  const wall = windows.wall();
  const found = new Map<string, RechargedBucket>();
  for (const charge of charges) {
    const caller = callerOf(charge, (ofKeys.get(charge.key) ?? []).filter(isBudget));
    const { customer } = caller;
    const own = customer === null ? [] : budgets.ofCustomer(customer);
    for (const fitting of [budgets.of(caller), own])
      for (const rule of [
        ...rulesOfCall(fitting, caller, charge.model, customer),
        ...rulesOfTarget(fitting, caller, charge.model, charge.provider, customer),
      ]) {
        const window = windows.at(rule, wall);
        if (charge.at < window.startMs || charge.at >= window.endMs) continue;
        for (const values of combinationsOf(rule.per, caller, charge)) {
          const id = bucketId(window.name, values);
          const known = found.get(id);
          if (known === undefined)
            found.set(id, {
              bucket: { id, rule: window.rule, version: rule.version ?? version },
              nano: charge.nano,
            });
          else known.nano += charge.nano;
        }
      }
  }
  return [...found.values()].filter(({ nano }) => nano !== 0);
}

function combinationsOf(
  scopes: readonly LimitScope[],
  caller: LimitCaller,
  charge: Recharge,
): readonly (readonly string[])[] {
  let combinations: string[][] = [[]];
  for (const scope of scopes) {
    const values = scopeValues(scope, caller, charge);
    combinations = combinations.flatMap((before) => values.map((value) => [...before, value]));
  }
  return combinations;
}

/** As RuleSet names them. */
function scopeValues(
  scope: LimitScope,
  caller: LimitCaller,
  { model, provider, countedHeaders = [] }: Recharge,
): readonly string[] {
  switch (scope) {
    case 'customer':
      return caller.customer === null ? [] : [hashedValue(caller.customer)];
    case 'model':
      return [nameValue(model)];
    case 'provider':
      return [nameValue(provider)];
    case 'key':
    case 'organization':
    case 'team':
    case 'user':
    case 'project':
    case 'tag':
      return valuesOf(caller, scope).map(nameValue);
    default: {
      // Of charges of before there were such budgets nobody knows what their calls carried.
      const header = headerOf(scope);
      return countedHeaders.flatMap(([name, hash]) => (name === header ? [hash] : []));
    }
  }
}

const isBudget = ({ budget }: LimitRule): boolean => budget !== undefined;

function callerOf(charge: Recharge, rules: readonly LimitRule[]): LimitCaller {
  const some = (name: string): string | null => (name === '' ? null : name);
  return {
    name: charge.key,
    organization: some(charge.organization),
    team: some(charge.team),
    user: some(charge.user),
    customer: some(charge.customer),
    project: some(charge.project),
    tags: charge.tags,
    rules,
  };
}
