// The rules of one kind of call, compiled to buckets: those that no call can change are found once, those that go by a
// header or by the customer when a call comes.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitRule, LimitScope } from '../contracts/limits.ts';
import { bucketId, nameValue } from '../limits/bucket-id.ts';
import { CALLER_SCOPES, type LimitCaller, valuesOf } from '../limits/rule-match.ts';
import { matchesPattern } from '../names/pattern.ts';
import { BucketList, NO_BUCKETS } from './bucket-list.ts';
import type { BucketStore } from './bucket-store.ts';
import type { LocalBucket } from './local-bucket.ts';

/** What is the same in all calls of a kind. */
export interface Place {
  caller: LimitCaller;
  model: string;
  /** '' before it is known. */
  provider: string;
}

/** ms since 1970 between which budgets are in the windows they are in: what was found of them holds for so long. */
interface Span {
  fromMs: number;
  untilMs: number;
}

/** What was found for a customer. */
interface FoundFor extends Span {
  readonly customer: string | null;
  readonly list: BucketList;
}

const ALWAYS: Readonly<Span> = { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.POSITIVE_INFINITY };

export class RuleSet {
  #fixed = NO_BUCKETS;
  #fixedSpan: Readonly<Span> = ALWAYS;
  readonly #fixedRules: readonly LimitRule[];
  readonly #byCall: readonly LimitRule[];
  /** Some go by a header: each call is looked up. */
  readonly #byHeader: boolean;
  /** Some are budgets: their buckets are others in each window. */
  readonly #budgets: boolean;
  readonly #place: Place;
  readonly #store: BucketStore;
  /** Rules that name a customer and fit the place; null = none names any. */
  readonly #ofCustomer: ((customer: string) => readonly LimitRule[]) | null;
  /** The last one's: most callers call for one customer all day, and finding its buckets costs a hash and a search of each. */
  #last: FoundFor | null = null;

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
    this.#byHeader = rules.some(({ per }) => per.some(isHeader));
    this.#fixedRules = rules.filter((rule) => !this.#byCall.includes(rule));
    this.#budgets = rules.some(({ budget }) => budget !== undefined);
    this.#find(this.#budgets ? store.windows.wall() : 0);
  }

  /** Window by window: what the time decides is decided when a call comes. */
  #find(wall: number): void {
    this.#fixedSpan = this.#spanOf(this.#fixedRules, wall, ALWAYS);
    this.#fixed = new BucketList(this.#fixedRules.flatMap((rule) => this.#bucketsOf(rule, null, null, wall)));
  }

  /** The part of `within` in which all of the rules are in the windows of `wall`. */
  #spanOf(rules: readonly LimitRule[], wall: number, within: Readonly<Span>): Span {
    let { fromMs, untilMs } = within;
    for (const rule of rules) {
      if (rule.budget === undefined) continue;
      const { startMs, endMs } = this.#store.windows.at(rule, wall);
      fromMs = Math.max(fromMs, startMs);
      untilMs = Math.min(untilMs, endMs);
    }
    return { fromMs, untilMs };
  }

  get empty(): boolean {
    return this.#fixed.all.length === 0 && this.#byCall.length === 0 && this.#ofCustomer === null;
  }

  /**
   * A rule per header holds for calls that carry it. An empty value is a value: uWS cuts bytes beyond ASCII from both ends
   * of one, and a client that only sends such names must not be free of the rule.
   */
  buckets(headers: HeaderBag, customer: string | null): BucketList {
    const own = this.#ofCustomer !== null && customer !== null;
    const wall = this.#budgets || own ? this.#store.windows.wall() : 0;
    if (!isIn(this.#fixedSpan, wall)) this.#find(wall);
    if (this.#byCall.length === 0 && !own) return this.#fixed;
    const last = this.#last;
    if (last !== null && last.customer === customer && isIn(last, wall)) return last.list;
    return this.#findFor(headers, customer, own ? this.#ofCustomer(customer) : [], wall);
  }

  #findFor(headers: HeaderBag, customer: string | null, own: readonly LimitRule[], wall: number): BucketList {
    const found = [...this.#fixed.all];
    for (const rule of this.#byCall) found.push(...this.#bucketsOf(rule, headers, customer, wall));
    for (const rule of own) found.push(...this.#bucketsOf(rule, headers, customer, wall));
    const list = new BucketList(found);
    if (!this.#byHeader && !own.some(({ per }) => per.some(isHeader))) {
      const span = this.#spanOf(own, wall, this.#spanOf(this.#byCall, wall, this.#fixedSpan));
      this.#last = { ...span, customer, list };
    }
    return list;
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
        this.#ownerOf(rule, values, headers, customer),
      ),
    );
  }

  /** For people: of values that clients choose, those of the call that came first. @param values of what the rule counts apart, in its order */
  #ownerOf(
    { per, match }: LimitRule,
    values: readonly string[],
    headers: HeaderBag | null,
    customer: string | null,
  ): string {
    const { caller, model, provider } = this.#place;
    const plain = (scope: LimitScope): string => {
      if (isHeader(scope)) return headers?.get(scope.slice('header:'.length)) ?? '';
      if (scope === 'customer') return customer ?? '';
      if (scope === 'model') return model;
      if (scope === 'provider') return provider;
      // A caller may have several tags: the one that this counts, or those that the rule is about.
      const counted = values[per.indexOf(scope)];
      const pattern = match[scope] ?? null;
      return valuesOf(caller, scope)
        .filter((value) =>
          counted === undefined
            ? pattern === null || matchesPattern(pattern, value)
            : nameValue(value) === counted,
        )
        .join(', ');
    };
    const named = per.length > 0 ? per : CALLER_SCOPES.filter((scope) => (match[scope] ?? null) !== null);
    return named.length === 0 ? 'the gateway' : named.map((scope) => `${scope} ${plain(scope)}`).join(', ');
  }

  #values(scope: LimitScope, headers: HeaderBag | null, customer: string | null): readonly string[] {
    if (isHeader(scope)) {
      const value = headers?.get(scope.slice('header:'.length));
      return value === undefined ? [] : [this.#store.hashed(value)];
    }
    if (scope === 'customer') return customer === null ? [] : [this.#store.hashed(customer)];
    const { caller, model, provider } = this.#place;
    if (scope === 'model') return [nameValue(model)];
    if (scope === 'provider') return [nameValue(provider)];
    return valuesOf(caller, scope).map(nameValue);
  }
}

function isIn({ fromMs, untilMs }: Readonly<Span>, wall: number): boolean {
  return wall >= fromMs && wall < untilMs;
}

function isHeader(scope: LimitScope): scope is `header:${string}` {
  return scope.startsWith('header:');
}

function isOfCall(scope: LimitScope): boolean {
  return scope === 'customer' || isHeader(scope);
}
