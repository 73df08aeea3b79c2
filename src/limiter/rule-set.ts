// The rules of one kind of call, compiled to buckets: those that no call can change are found once, those that go by a
// header or by the customer when a call comes.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import { bucketId, hashedValue, nameValue } from '../limits/bucket-id.ts';
import { type LimitCaller, valuesOf } from '../limits/rule-match.ts';
import type { BucketStore } from './bucket-store.ts';
import type { LocalBucket } from './local-bucket.ts';

/** What is the same in all calls of a kind. */
export interface Place {
  caller: LimitCaller;
  model: string;
  /** '' before it is known. */
  provider: string;
}

export class RuleSet {
  readonly #fixed: readonly LocalBucket[];
  readonly #byCall: readonly LimitRule[];
  readonly #place: Place;
  readonly #store: BucketStore;
  /** Rules that name a customer and fit the place; null = none names any. */
  readonly #ofCustomer: ((customer: string) => readonly LimitRule[]) | null;

  constructor(
    rules: readonly LimitRule[],
    place: Place,
    store: BucketStore,
    ofCustomer: ((customer: string) => readonly LimitRule[]) | null,
  ) {
    this.#place = place;
    this.#store = store;
    this.#ofCustomer = ofCustomer;
    this.#byCall = rules.filter(({ per }) => per.some(isOfCall));
    this.#fixed = rules
      .filter((rule) => !this.#byCall.includes(rule))
      .flatMap((rule) => this.#bucketsOf(rule, null, null));
  }

  get empty(): boolean {
    return this.#fixed.length === 0 && this.#byCall.length === 0 && this.#ofCustomer === null;
  }

  /**
   * A rule per header holds for calls that carry it. An empty value is a value: uWS cuts bytes beyond ASCII from both ends
   * of one, and a client that only sends such names must not be free of the rule.
   */
  buckets(headers: HeaderBag, customer: string | null): readonly LocalBucket[] {
    const own = customer === null || this.#ofCustomer === null ? [] : this.#ofCustomer(customer);
    if (this.#byCall.length === 0 && own.length === 0) return this.#fixed;
    const found = [...this.#fixed];
    for (const rule of this.#byCall) found.push(...this.#bucketsOf(rule, headers, customer));
    for (const rule of own) found.push(...this.#bucketsOf(rule, headers, customer));
    return found;
  }

  /** One, or none where something the rule counts apart is missing; more for a caller with several tags. */
  #bucketsOf(rule: LimitRule, headers: HeaderBag | null, customer: string | null): LocalBucket[] {
    let combinations: string[][] = [[]];
    for (const scope of rule.per) {
      const values = this.#values(scope, headers, customer);
      combinations = combinations.flatMap((before) => values.map((value) => [...before, value]));
    }
    return combinations.map((values) => this.#store.find(bucketId(rule.name, values), rule));
  }

  #values(scope: LimitScope, headers: HeaderBag | null, customer: string | null): readonly string[] {
    if (isHeader(scope)) {
      const value = headers?.get(scope.slice('header:'.length));
      return value === undefined ? [] : [hashedValue(value)];
    }
    if (scope === 'customer') return customer === null ? [] : [hashedValue(customer)];
    const { caller, model, provider } = this.#place;
    if (scope === 'model') return [nameValue(model)];
    if (scope === 'provider') return [nameValue(provider)];
    return valuesOf(caller, scope).map(nameValue);
  }
}

function isHeader(scope: LimitScope): scope is `header:${string}` {
  return scope.startsWith('header:');
}

function isOfCall(scope: LimitScope): boolean {
  return scope === 'customer' || isHeader(scope);
}
