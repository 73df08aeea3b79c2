// Looks for a kept answer before anybody is asked: behind the stages that say who may ask whom, before limits and lanes. A hit is
// answered here and costs neither.
//
//   ─► nothing is on for the model ....................... continue
//   ─► off, or not to be kept ............................ bypass, continue
//   ─► memory ─► Redis, where it is shared ─┬─ fresh ..... answered: hit
//                                           ├─ over ...... answered: stale, and a fresh one is fetched
//                                           └─ none ...... miss, continue; what comes is kept at settle
import type { RequestKey } from '../../cache/key.ts';
import { readSampling } from '../../cache/sampling.ts';
import { scopeOf, scopeOfLabels } from '../../cache/scope.ts';
import { type CacheWish, readWish } from '../../cache/wish.ts';
import { differenceOf } from '../../cache/semantic/guard.ts';
import type { AnswerStore } from '../../cache/answer-store.ts';
import type { BodyFacts } from '../../contracts/body.ts';
import type {
  CachedAnswer,
  CachePolicy,
  CacheTicket,
  ExactCachePolicy,
  Question,
  SemanticCachePolicy,
} from '../../contracts/cache.ts';
import type { Call, Stage, StageResult } from '../../contracts/call.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { CacheOutcome } from '../../contracts/outcomes.ts';
import type { Plan } from '../../contracts/plan.ts';
import type { Candidate, VectorIndex } from '../../contracts/vectors.ts';
import { habitsOf, tellsUsageApart } from '../answer/client-habits.ts';
import type { SharedAnswers } from '../shared/shared-answers.ts';
import type { Alike } from './alike.ts';
import { NO_PIECES } from './recorder.ts';
import { withoutMembers } from '../../responses/history.ts';
import type { RemoteAnswers } from '../../contracts/cache-ports.ts';

/** What the caller of the stage does with what was found. */
export interface Lookup {
  /** Answers the call. @returns false when the entry cannot be read: it is none then. */
  give(call: Call, entry: CachedAnswer, result: 'hit' | 'stale'): boolean;
  /** Fetches a fresh answer beside the call. */
  refresh(call: Call, key: string): void;
}

export interface LookupDeps extends Lookup, Pick<SharedAnswers, 'share'> {
  alike: Alike;
  /** The worker cannot keep up: nobody looks for what is alike. */
  eased(): boolean;
  /** Where questions are looked for. */
  index(): VectorIndex;
  store: AnswerStore;
  /** Null where nothing is shared. */
  shared(): RemoteAnswers | null;
  key: RequestKey;
  /** ms since 1970. */
  wall(): number;
  /** Monotonic ms. */
  now(): number;
  inspect(body: Buffer): BodyFacts;
  /** How it went. */
  looked(outcome: CacheOutcome): void;
}

export function createLookup(deps: LookupDeps): Stage {
  return (call) => {
    const policy = policyOf(call);
    if (policy.exact === null) return 'continue';
    return new Looking(deps, call, policy.exact, policy.semantic).begin();
  };
}

/** What holds for the model of a call. */
export function policyOf({ snapshot, plan }: Call): CachePolicy {
  const { cache, models } = snapshot.config;
  return models[plan!.name]?.cache ?? cache ?? OFF;
}

/** Questions that lie near enough are looked at so many at a time. */
const CANDIDATES = 8;
const OFF: CachePolicy = { exact: null, semantic: null };
/** Of calls that somebody is asked for: all alike. */
const NONE_KEPT = { exact: noneOf('exact'), semantic: noneOf('semantic') };

class Looking {
  readonly #deps: LookupDeps;
  readonly #call: Call;
  readonly #policy: ExactCachePolicy;
  readonly #semantic: SemanticCachePolicy | null;

  constructor(deps: LookupDeps, call: Call, policy: ExactCachePolicy, semantic: SemanticCachePolicy | null) {
    this.#semantic = semantic;
    this.#deps = deps;
    this.#call = call;
    this.#policy = policy;
  }

  begin(): StageResult | Promise<StageResult> {
    const call = this.#call;
    const { spellings } = call.snapshot.config.cache!;
    const litellm = spellings.includes('litellm') ? this.#takeLitellm() : null;
    const wish = readWish(call.head.headers, spellings, litellm);
    if (wish.mode === 'off' || !this.#mayBeKept()) return this.#none(wish, 'bypass', null);
    const key = this.#key(wish);
    // For whoever comes next: nobody waits for this one.
    if (call.repeats) return this.#none({ ...wish, mode: 'use' }, 'bypass', key);
    if (wish.mode === 'refresh') return this.#none(wish, 'bypass', key);
    if (wish.type === 'semantic') return this.#orAlike(key, wish);
    const here = this.#deps.store.get(key, this.#deps.wall());
    if (here !== null && this.#give(here, wish)) return 'taken';
    const shared = this.#policy.shared ? this.#deps.shared() : null;
    if (shared === null || !shared.ready) return this.#orAlike(key, wish);
    return this.#ask(shared, key, wish);
  }

  async #ask(shared: RemoteAnswers, key: string, wish: CacheWish): Promise<StageResult> {
    const call = this.#call;
    const from = this.#deps.now();
    const found = await shared.get(key);
    call.waitedMs += this.#deps.now() - from;
    if (call.settled) return 'taken';
    if (found !== null && found.staleUntilMs > this.#deps.wall()) {
      this.#deps.store.put(found);
      if (this.#give(found, wish)) return 'taken';
    }
    return this.#orAlike(key, wish);
  }

  /** No request was the same: one that asks the same may have been. */
  #orAlike(key: string, wish: CacheWish): StageResult | Promise<StageResult> {
    const call = this.#call;
    const policy = this.#semantic;
    if (policy === null || wish.type === 'exact' || this.#deps.eased()) return this.#none(wish, 'miss', key);
    const question = this.#deps.alike.question(call, policy, this.#more(wish));
    if (question === null) return this.#none(wish, 'miss', key);
    const vector = this.#deps.alike.vectorOf(call, policy, question.text);
    if (!(vector instanceof Promise)) return this.#byVector(key, wish, policy, question, vector);
    const from = this.#deps.now();
    return vector.then((later) => {
      call.waitedMs += this.#deps.now() - from;
      if (call.settled) return 'taken';
      return later === null
        ? this.#none(wish, 'miss', key)
        : this.#byVector(key, wish, policy, question, later);
    });
  }

  #byVector(
    key: string,
    wish: CacheWish,
    policy: SemanticCachePolicy,
    question: Question,
    vector: Float32Array,
  ): StageResult | Promise<StageResult> {
    const none = (): StageResult | Promise<StageResult> =>
      this.#none(wish, 'miss', key, { question, vector, ttlMs: wish.ttlMs ?? policy.ttlMs });
    const threshold = wish.threshold ?? policy.threshold;
    const near = this.#deps
      .index()
      .nearest(question.partition, vector, threshold, CANDIDATES, this.#deps.wall());
    if (!(near instanceof Promise)) return this.#among(near, policy, question, wish, none);
    const from = this.#deps.now();
    return near.then((later) => {
      this.#call.waitedMs += this.#deps.now() - from;
      if (this.#call.settled) return 'taken';
      return this.#among(later, policy, question, wish, none);
    });
  }

  #among(
    near: readonly Candidate[],
    policy: SemanticCachePolicy,
    question: Question,
    wish: CacheWish,
    none: () => StageResult | Promise<StageResult>,
  ): StageResult | Promise<StageResult> {
    const alike = near.filter(({ row }) => differenceOf(row.text, question.text) === null);
    if (alike.length === 0) return none();
    return this.#first(alike, policy, question, wish).then((given) => {
      if (this.#call.settled) return 'taken';
      return given ? 'taken' : none();
    });
  }

  /** Gives the answer to the first question whose answer is still kept, and that the judge takes for the same. */
  async #first(
    near: readonly Candidate[],
    { judge, scope }: SemanticCachePolicy,
    question: Question,
    wish: CacheWish,
  ): Promise<boolean> {
    const call = this.#call;
    const { alike, index, store, shared, wall } = this.#deps;
    for (const { row, similarity } of near) {
      const there = this.#policy.shared ? shared() : null;
      const entry = store.get(row.id, wall()) ?? (there?.ready === true ? await there.get(row.id) : null);
      if (call.settled) return false;
      if (entry === null || entry.freshUntilMs <= wall()) {
        // Where nobody could say whether it is still kept, others may find it, and so may this one later.
        if (entry !== null || there === null || there.ready) index().drop(row.id);
        continue;
      }
      if (this.#isTooOld(entry, wish)) continue;
      // A question of this caller's may lead to an answer that was made anew since, for whom its exact scope shares with alone.
      const { principal, customer } = call;
      if (scopeOfLabels(scope, entry.labels) !== scopeOf(scope, principal!, customer)) continue;
      if (judge !== null) {
        const from = this.#deps.now();
        const same = await alike.judge(call, judge, row.text, question.text);
        call.waitedMs += this.#deps.now() - from;
        if (call.settled || !same) return false;
      }
      call.cache = { result: 'hit', type: 'semantic', similarity, ...savedBy(entry) };
      if (!this.#deps.give(call, entry, 'hit')) {
        // Whoever leaves before the next one is looked at was given nothing.
        call.cache = null;
        continue;
      }
      this.#deps.looked(call.cache);
      return true;
    }
    return false;
  }

  #give(entry: CachedAnswer, wish: CacheWish): boolean {
    const call = this.#call;
    if (this.#isTooOld(entry, wish)) return false;
    const fresh = entry.freshUntilMs > this.#deps.wall();
    // A turn that later ones build on is not made twice; what guardrails look at is not fetched beside them.
    if (!fresh && (call.kept !== null || call.guard !== null)) return false;
    const result = fresh ? 'hit' : 'stale';
    call.cache = { result, type: 'exact', similarity: null, ...savedBy(entry) };
    if (!fresh) this.#deps.refresh(call, entry.id);
    if (!this.#deps.give(call, entry, result)) {
      call.cache = null;
      this.#deps.store.drop(entry.id);
      return false;
    }
    this.#deps.looked(call.cache);
    return true;
  }

  #isTooOld({ createdMs }: CachedAnswer, { maxAgeMs }: CacheWish): boolean {
    return maxAgeMs !== null && this.#deps.wall() - createdMs > maxAgeMs;
  }

  /**
   * Somebody is to be asked.
   *
   * @param key under which the answer is kept; null = it is not. @param alike the question it is found by beside it.
   */
  #none(
    wish: CacheWish,
    result: 'miss' | 'bypass',
    key: string | null,
    alike: CacheTicket['alike'] = null,
  ): StageResult | Promise<StageResult> {
    const call = this.#call;
    call.cache = NONE_KEPT[wish.type ?? 'exact'][result];
    this.#deps.looked(call.cache);
    if (wish.mode === 'only') return new GatewayError('GW_CLIENT_NOT_CACHED');
    if (key === null || wish.noStore) return 'continue';
    call.caching = ticketOf(key, this.#policy, wish.ttlMs, alike);
    // What others would join is written before this call's judges have let it go, and theirs would not hear what was said.
    const alone = result !== 'miss' || call.kept !== null || call.guard?.judged === true;
    return alone ? 'continue' : this.#shared(key);
  }

  /** Of many that miss together one asks, and all get its answer: on this worker, and over all where Redis can be asked. */
  #shared(key: string): StageResult | Promise<StageResult> {
    const call = this.#call;
    const { stream, head } = call;
    const result = this.#deps.share(call, {
      // The same in the same form. No other name is a digest of what begins as a key does.
      name: stream ? `${key} s${tellsUsageApart(call) ? 'u' : ''} ${head.query}` : key,
      print: '',
      maxBytes: this.#policy.maxEntryBytes,
      ttlMs: 0,
      claimed: this.#policy.shared && this.#deps.shared()?.ready === true,
    });
    return result instanceof Promise ? result.then((later) => this.#kept(later)) : this.#kept(result);
  }

  /** Who makes it keeps it. */
  #kept(result: StageResult): StageResult {
    if (result !== 'continue') this.#call.caching = null;
    return result;
  }

  /** What a second call would want anew is not given again. */
  #mayBeKept(): boolean {
    const { kept, body, facts } = this.#call;
    // It is no answer by itself, or belongs to a conversation that goes on.
    if (kept !== null && (kept.background || kept.conversation !== null)) return false;
    const { sampled, several } = this.#policy;
    if (sampled && several) return true;
    const { temperature, answers } = readSampling(body!, facts!, !sampled);
    return (sampled || temperature === null || temperature <= 0) && (several || answers <= 1);
  }

  #key(wish: CacheWish): string {
    const call = this.#call;
    const { route, operation, principal, customer, plan, body, facts } = call;
    return this.#deps.key({
      scope: scopeOf(this.#policy.scope, principal!, customer),
      operation: operation!.name,
      dialect: route.dialect,
      models: labelsOf(plan!),
      more: this.#more(wish),
      body: body!,
      facts: facts!,
    });
  }

  #more(wish: CacheWish): string[] {
    const { guard, head, route, operation, prefix } = this.#call;
    // One dialect may answer an operation in another shape at another route. Routes of chat differ by stream and whole, which are one
    // entry, or by bodies that no other has.
    const more = [wish.space, operation!.answer === 'deltas' ? '' : route.template];
    // Nor does a vendor's client get what another's counts on.
    if (habitsOf(this.#call) !== null) more.push('habits', prefix!);
    // An answer is given to those alone whose guardrails it went through.
    if (guard !== null) more.push('guardrails', guard.print);
    for (const name of PART_OF_KEY) {
      const value = head.headers.get(name);
      if (value !== undefined) more.push(name, value);
    }
    return more;
  }

  /** LiteLLM's word on its cache is none of the model's business. */
  #takeLitellm(): JsonObject | null {
    const call = this.#call;
    const { members } = call.facts!;
    const body = call.body!;
    for (let at = 0; at < members.length; at += 4) {
      if (body.toString('latin1', members[at]! + 1, members[at + 1]! - 1) !== 'cache') continue;
      const stated: unknown = JSON.parse(body.toString('utf8', members[at + 2], members[at + 3]));
      const { facts } = call;
      call.body = withoutMembers(body, facts!, ['cache']);
      const { model, stream } = facts!;
      call.facts = { ...this.#deps.inspect(call.body), model, stream };
      return typeof stated === 'object' && stated !== null ? (stated as JsonObject) : {};
    }
    return null;
  }
}

/** Headers that change what a model is asked or answers. */
const PART_OF_KEY = ['anthropic-beta', 'anthropic-version', 'openai-beta', 'x-headgate-strict'] as const;

function noneOf(type: CacheOutcome['type']): Readonly<Record<'miss' | 'bypass', CacheOutcome>> {
  const none = { type, similarity: null, savedNano: null, madeMs: null };
  return { miss: { result: 'miss', ...none }, bypass: { result: 'bypass', ...none } };
}

function savedBy({ costNano, tookMs }: CachedAnswer): Pick<CacheOutcome, 'savedNano' | 'madeMs'> {
  return { savedNano: costNano, madeMs: tookMs };
}

function labelsOf({ targets }: Plan): string[] {
  return targets.map(({ label }) => label);
}

function ticketOf(
  key: string,
  policy: ExactCachePolicy,
  ttlMs: number | null,
  alike: CacheTicket['alike'],
): CacheTicket {
  return {
    key,
    policy,
    ttlMs: ttlMs ?? policy.ttlMs,
    form: null,
    contentType: '',
    pieces: NO_PIECES,
    pace: [],
    bytes: 0,
    firstAt: 0,
    alike,
    whole: false,
  };
}
