// The rules of one kind of call, compiled to buckets: those that no call can change are found once, those that go by a
// header or by the customer when a call comes.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import { bucketId, hashedValue, nameValue } from '../limits/bucket-id.ts';
import { CALLER_SCOPES, type LimitCaller, valuesOf } from '../limits/rule-match.ts';
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
  #fixed: readonly LocalBucket[];
  readonly #fixedRules: readonly LimitRule[];
  readonly #byCall: readonly LimitRule[];
  /** Some are budgets: their buckets are others in each window. */
  readonly #budgets: boolean;
  /** ms since 1970 between which the fixed ones are those of now. */
  #fromMs = Number.NEGATIVE_INFINITY;
  #untilMs = Number.POSITIVE_INFINITY;
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
    this.#fixedRules = rules.filter((rule) => !this.#byCall.includes(rule));
    this.#budgets = rules.some(({ budget }) => budget !== undefined);
    this.#fixed = [];
    this.#find(this.#budgets ? store.windows.wall() : 0);
  }

  /** Window by window: what the time decides is decided when a call comes. */
  #find(wall: number): void {
    this.#fromMs = Number.NEGATIVE_INFINITY;
    this.#untilMs = Number.POSITIVE_INFINITY;
    for (const rule of this.#fixedRules) {
      if (rule.budget === undefined) continue;
      const { startMs, endMs } = this.#store.windows.at(rule, wall);
      this.#fromMs = Math.max(this.#fromMs, startMs);
      this.#untilMs = Math.min(this.#untilMs, endMs);
    }
    this.#fixed = this.#fixedRules.flatMap((rule) => this.#bucketsOf(rule, null, null, wall));
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
    const wall = this.#budgets || own.length > 0 ? this.#store.windows.wall() : 0;
    if (this.#budgets && (wall >= this.#untilMs || wall < this.#fromMs)) this.#find(wall);
    if (this.#byCall.length === 0 && own.length === 0) return this.#fixed;
    const found = [...this.#fixed];
    for (const rule of this.#byCall) found.push(...this.#bucketsOf(rule, headers, customer, wall));
    for (const rule of own) found.push(...this.#bucketsOf(rule, headers, customer, wall));
    return found;
  }

  /** One, or none where something the rule counts apart is missing; more for a caller with several tags. */
  #bucketsOf(
    rule: LimitRule,
    headers: HeaderBag | null,
    customer: string | null,
    wall: number,
  ): LocalBucket[] {
    let combinations: string[][] = [[]];
    for (const scope of rule.per) {
      const values = this.#values(scope, headers, customer);
      combinations = combinations.flatMap((before) => values.map((value) => [...before, value]));
    }
    if (rule.budget === undefined)
      return combinations.map((values) => this.#store.find(bucketId(rule.name, values), rule));
    const window = this.#store.windows.at(rule, wall);
    return combinations.map((values) =>
      this.#store.find(bucketId(window.name, values), window.rule, () =>
        this.#ownerOf(rule, headers, customer),
      ),
    );
  }

  /** For people: of values that clients choose, those of the call that came first. */
  #ownerOf({ per, match }: LimitRule, headers: HeaderBag | null, customer: string | null): string {
    const { caller, model, provider } = this.#place;
    const plain = (scope: LimitScope): string => {
      if (isHeader(scope)) return headers?.get(scope.slice('header:'.length)) ?? '';
      if (scope === 'customer') return customer ?? '';
      if (scope === 'model') return model;
      if (scope === 'provider') return provider;
      return valuesOf(caller, scope).join(', ');
    };
    const named = per.length > 0 ? per : CALLER_SCOPES.filter((scope) => (match[scope] ?? null) !== null);
    return named.length === 0 ? 'the gateway' : named.map((scope) => `${scope} ${plain(scope)}`).join(', ');
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
