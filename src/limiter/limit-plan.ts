// The rules of a snapshot, compiled to pointers: which buckets a call of a caller and model meets, found by two map lookups.
import type { HeaderBag } from '../contracts/headers.ts';
import type { LimitRule, LimitTable } from '../contracts/limits.ts';
import { OutputEstimate } from '../limits/output-estimate.ts';
import { headerOf, type LimitCaller, rulesOfCall, rulesOfTarget } from '../limits/rule-match.ts';
import { type BucketList, NO_BUCKETS } from './bucket-list.ts';
import type { BucketStore } from './bucket-store.ts';
import { RuleSet } from './rule-set.ts';
import { RulesByCaller } from './rules-by-caller.ts';

/** Models may be the client's choice: beyond this many per caller all are looked up anew, ... */
const MAX_MODELS = 2_000;
/** ... and beyond this many of all callers those of the one that came first. */
const MAX_MATCHED = 20_000;

/** What limits the calls of one caller to one model. */
export class Matched {
  readonly set: RuleSet;
  /** Learned from the answers of this caller and model. */
  readonly output = new OutputEstimate();
  /** Likewise, in millionths of a dollar, of what is not told in tokens of an answer. */
  readonly cost = new OutputEstimate();
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
  target(provider: string, headers: HeaderBag, customer: string | null): BucketList {
    if (!this.providerRules) return NO_BUCKETS;
    let set = this.#targets.get(provider);
    if (set === undefined) this.#targets.set(provider, (set = this.#makeTarget(provider)));
    return set.buckets(headers, customer);
  }
}

export class LimitPlan implements LimitTable {
  readonly #rules: RulesByCaller;
  readonly #store: BucketStore;
  readonly #providers: readonly string[];
  /** By the principal and not by its name: one whose team is another now is another one. */
  readonly #matched = new Map<LimitCaller, Map<string, Matched>>();
  #kept = 0;
  readonly budgetHeaders: readonly string[];

  /** @param providers names of all configured ones. */
  constructor(rules: readonly LimitRule[], providers: readonly string[], store: BucketStore) {
    this.#rules = new RulesByCaller(rules);
    this.#providers = providers;
    this.#store = store;
    const scopes = rules.flatMap(({ budget, per }) => (budget === undefined ? [] : per));
    this.budgetHeaders = [...new Set(scopes)].flatMap((scope) => headerOf(scope) ?? []);
  }

  get size(): number {
    return this.#rules.size;
  }

  /** Callers and models that are found without a look at the rules. */
  get kept(): number {
    return this.#kept;
  }

  match(caller: LimitCaller, model: string): Matched {
    let models = this.#matched.get(caller);
    if (models === undefined) this.#matched.set(caller, (models = new Map()));
    let matched = models.get(model);
    if (matched === undefined) {
      this.#makeRoom(caller, models);
      models.set(model, (matched = this.#compile(caller, model)));
      this.#kept++;
    }
    return matched;
  }

  /** Calls under way keep what they matched; what answers taught of a forgotten one is learned anew. */
  #makeRoom(caller: LimitCaller, models: Map<string, Matched>): void {
    if (models.size >= MAX_MODELS) {
      this.#kept -= models.size;
      models.clear();
    }
    if (this.#kept < MAX_MATCHED) return;
    for (const [oldest, its] of this.#matched) {
      if (oldest === caller) continue;
      this.#matched.delete(oldest);
      this.#kept -= its.size;
      return;
    }
  }

  #compile(caller: LimitCaller, model: string): Matched {
    const all = this.#rules;
    const rules = all.of(caller);
    const own = all.namesCustomers;
    const ofTarget = (provider: string): LimitRule[] => rulesOfTarget(rules, caller, model, provider);
    return new Matched(
      new RuleSet(
        rulesOfCall(rules, caller, model),
        { caller, model, provider: '' },
        this.#store,
        own ? (customer) => rulesOfCall(all.ofCustomer(customer), caller, model, customer) : null,
      ),
      (provider) =>
        new RuleSet(
          ofTarget(provider),
          { caller, model, provider },
          this.#store,
          own
            ? (customer) => rulesOfTarget(all.ofCustomer(customer), caller, model, provider, customer)
            : null,
        ),
      own || this.#providers.some((provider) => ofTarget(provider).length > 0),
    );
  }
}
