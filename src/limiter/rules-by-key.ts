// The rules that can concern a key, without a look at those of other keys: with a rule of its own for each of a hundred
// thousand keys, a first call of a key and model must not read a hundred thousand rules.
import type { LimitRule } from '../contracts/limits.ts';

export class RulesByKey {
  /** Rules that name one key. */
  readonly #own = new Map<string, LimitRule[]>();
  /** Those of all keys, or of a pattern of keys. */
  readonly #shared: LimitRule[] = [];
  readonly #place = new Map<LimitRule, number>();

  constructor(rules: readonly LimitRule[]) {
    for (const [place, rule] of rules.entries()) {
      this.#place.set(rule, place);
      const { key } = rule.match;
      if (key === null || key.endsWith('*')) this.#shared.push(rule);
      else {
        const own = this.#own.get(key);
        if (own === undefined) this.#own.set(key, [rule]);
        else own.push(rule);
      }
    }
  }

  get size(): number {
    return this.#place.size;
  }

  /** In the order of the configuration; whether each fits the call is still to be asked. */
  of(key: string): readonly LimitRule[] {
    const own = this.#own.get(key);
    if (own === undefined) return this.#shared;
    if (this.#shared.length === 0) return own;
    return [...this.#shared, ...own].sort((a, b) => this.#place.get(a)! - this.#place.get(b)!);
  }
}
