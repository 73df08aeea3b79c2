// The rules that can concern a caller, without a look at those of others: with rules of its own for each of a hundred
// thousand keys, teams or customers, a first call of a key and model must not read a hundred thousand rules.
import type { CallerScope, LimitRule } from '../contracts/limits.ts';
import { CALLER_SCOPES, type LimitCaller, valuesOf } from '../limits/rule-match.ts';
import { matchesPattern } from '../names/pattern.ts';

export class RulesByCaller {
  /** Rules that name one key, team, …; by the first scope in which they do. */
  readonly #own = new Map<string, LimitRule[]>();
  /** Those of all, or of a pattern. */
  readonly #shared: LimitRule[] = [];
  /** Those for customers of a pattern. */
  readonly #patterns: LimitRule[] = [];
  readonly #place = new Map<LimitRule, number>();
  /** Some rule is about customers by their names. */
  readonly namesCustomers: boolean;

  constructor(rules: readonly LimitRule[]) {
    for (const [place, rule] of rules.entries()) {
      this.#place.set(rule, place);
      const home = homeOf(rule);
      if (home === null) ((rule.match.customer ?? null) === null ? this.#shared : this.#patterns).push(rule);
      else {
        const own = this.#own.get(home);
        if (own === undefined) this.#own.set(home, [rule]);
        else own.push(rule);
      }
    }
    this.namesCustomers = rules.some(({ match }) => (match.customer ?? null) !== null);
  }

  get size(): number {
    return this.#place.size;
  }

  /**
   * Those that name no customer, in the order of the configuration, then those that came with the caller's key; whether each
   * fits the call is still to be asked.
   */
  of(caller: LimitCaller): readonly LimitRule[] {
    let found: LimitRule[] | null = null;
    for (const scope of CALLER_SCOPES) {
      if (scope === 'customer') continue;
      for (const value of valuesOf(caller, scope)) {
        const own = this.#own.get(nameOf(scope, value));
        if (own !== undefined) (found ??= [...this.#shared]).push(...own);
      }
    }
    const ordered = found?.sort((a, b) => this.#place.get(a)! - this.#place.get(b)!) ?? this.#shared;
    return caller.rules.length === 0 ? ordered : [...ordered, ...caller.rules];
  }

  /** Those that name this one. */
  ofCustomer(customer: string): readonly LimitRule[] {
    const own = this.#own.get(nameOf('customer', customer)) ?? [];
    if (this.#patterns.length === 0) return own;
    return [...own, ...this.#patterns.filter(({ match }) => matchesPattern(match.customer!, customer))];
  }
}

/** One that names a customer stands with that one, whatever else it names: the caller is looked at then. */
function homeOf({ match }: LimitRule): string | null {
  const customer = match.customer ?? null;
  if (customer !== null) return customer.endsWith('*') ? null : nameOf('customer', customer);
  for (const scope of CALLER_SCOPES) {
    const pattern = match[scope] ?? null;
    if (pattern !== null && !pattern.endsWith('*')) return nameOf(scope, pattern);
  }
  return null;
}

function nameOf(scope: CallerScope, value: string): string {
  return `${scope} ${value}`;
}
