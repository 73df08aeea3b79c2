// The rules of a snapshot, compiled to pointers: which buckets a call of a key and model meets, found by two map lookups.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitRule, LimitScope, LimitTable } from '../contracts/limits.ts';
import { bucketId, hashedValue, nameValue } from '../limits/bucket-id.ts';
import { OutputEstimate } from '../limits/output-estimate.ts';
import { isOfKey, rulesOfCall, rulesOfTarget } from '../limits/rule-match.ts';
import type { BucketStore } from './bucket-store.ts';
import type { LocalBucket } from './local-bucket.ts';
import { RulesByKey } from './rules-by-key.ts';

/** Models may be the client's choice: beyond this many per key all are looked up anew, ... */
const MAX_MODELS = 2_000;
/** ... and beyond this many of all keys those of the key that came first. */
const MAX_MATCHED = 20_000;
const NONE: readonly LocalBucket[] = [];

interface Names {
  key: string;
  model: string;
  provider: string;
}

/** Rules of one kind of call. */
export class RuleSet {
  readonly #fixed: readonly LocalBucket[];
  readonly #byHeader: readonly LimitRule[];
  readonly #names: Names;
  readonly #store: BucketStore;

  constructor(rules: readonly LimitRule[], names: Names, store: BucketStore) {
    this.#names = names;
    this.#store = store;
    this.#byHeader = rules.filter((rule) => rule.per.some(isHeader));
    this.#fixed = rules
      .filter((rule) => !this.#byHeader.includes(rule))
      .map((rule) =>
        store.find(
          bucketId(
            rule.name,
            rule.per.map((scope) => this.#value(scope)),
          ),
          rule,
        ),
      );
  }

  get empty(): boolean {
    return this.#fixed.length === 0 && this.#byHeader.length === 0;
  }

  /**
   * A rule per header holds for calls that carry it. An empty value is a value: uWS cuts bytes beyond ASCII from both ends
   * of one, and a client that only sends such names must not be free of the rule.
   */
  buckets(headers: HeaderBag): readonly LocalBucket[] {
    if (this.#byHeader.length === 0) return this.#fixed;
    let found: LocalBucket[] | null = null;
    for (const rule of this.#byHeader) {
      const values: string[] = [];
      for (const scope of rule.per) {
        if (!isHeader(scope)) values.push(this.#value(scope));
        else {
          const value = headers.get(scope.slice('header:'.length));
          if (value === undefined) break;
          values.push(hashedValue(value));
        }
      }
      if (values.length < rule.per.length) continue;
      found ??= [...this.#fixed];
      found.push(this.#store.find(bucketId(rule.name, values), rule));
    }
    return found ?? this.#fixed;
  }

  #value(scope: LimitScope): string {
    return nameValue(this.#names[scope as keyof Names]);
  }
}

/** What limits the calls of one key to one model. */
export class Matched {
  readonly set: RuleSet;
  /** Learned from the answers of this key and model. */
  readonly output = new OutputEstimate();
  readonly #targets = new Map<string, RuleSet>();
  readonly #makeTarget: (provider: string) => RuleSet;
  readonly providerRules: boolean;

  constructor(set: RuleSet, makeTarget: (provider: string) => RuleSet, providerRules: boolean) {
    this.set = set;
    this.#makeTarget = makeTarget;
    this.providerRules = providerRules;
  }

  get empty(): boolean {
    return this.set.empty && !this.providerRules;
  }

  /** What this provider adds. */
  target(provider: string, headers: HeaderBag): readonly LocalBucket[] {
    if (!this.providerRules) return NONE;
    let set = this.#targets.get(provider);
    if (set === undefined) this.#targets.set(provider, (set = this.#makeTarget(provider)));
    return set.buckets(headers);
  }
}

export class LimitPlan implements LimitTable {
  readonly #rules: RulesByKey;
  readonly #store: BucketStore;
  readonly #providers: readonly string[];
  readonly #matched = new Map<string, Map<string, Matched>>();
  #kept = 0;

  /** @param providers names of all configured ones. */
  constructor(rules: readonly LimitRule[], providers: readonly string[], store: BucketStore) {
    this.#rules = new RulesByKey(rules);
    this.#providers = providers;
    this.#store = store;
  }

  get size(): number {
    return this.#rules.size;
  }

  /** Keys and models that are found without a look at the rules. */
  get kept(): number {
    return this.#kept;
  }

  match(key: string, model: string): Matched {
    let models = this.#matched.get(key);
    if (models === undefined) this.#matched.set(key, (models = new Map()));
    let matched = models.get(model);
    if (matched === undefined) {
      this.#makeRoom(key, models);
      models.set(model, (matched = this.#compile(key, model)));
      this.#kept++;
    }
    return matched;
  }

  /** Calls under way keep what they matched; what answers taught of a forgotten one is learned anew. */
  #makeRoom(key: string, models: Map<string, Matched>): void {
    if (models.size >= MAX_MODELS) {
      this.#kept -= models.size;
      models.clear();
    }
    if (this.#kept < MAX_MATCHED) return;
    for (const [oldest, its] of this.#matched) {
      if (oldest === key) continue;
      this.#matched.delete(oldest);
      this.#kept -= its.size;
      return;
    }
  }

  #compile(key: string, model: string): Matched {
    const rules = this.#rules.of(key);
    const set = (found: readonly LimitRule[], provider: string): RuleSet =>
      new RuleSet(found, { key, model, provider }, this.#store);
    const ofTarget = (provider: string): LimitRule[] => rulesOfTarget(rules, key, model, provider);
    return new Matched(
      set(rulesOfCall(rules, key, model), ''),
      (provider) => set(ofTarget(provider), provider),
      this.#providers.some((provider) => ofTarget(provider).length > 0),
    );
  }
}

/** The buckets a client is told of. */
export function ofKey(buckets: readonly LocalBucket[]): LocalBucket[] {
  return buckets.filter(({ rule }) => isOfKey(rule));
}

function isHeader(scope: LimitScope): boolean {
  return scope.startsWith('header:');
}
