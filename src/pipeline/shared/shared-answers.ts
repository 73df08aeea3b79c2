// Who makes an answer that several ask for, and who takes it: on this worker directly, from its first byte; made on another worker
// or node when it is whole (contracts/claims.ts). The one that makes it has limits, attempts and its one settlement as any other and
// pays; the others are settled with what they got and no usage.
import type { Call, StageResult } from '../../contracts/call.ts';
import type { Claimed, Claims } from '../../contracts/claims.ts';
import type { Config } from '../../contracts/config.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import type { Shared } from '../../contracts/shared-answer.ts';
import { Follower, type FollowerDeps } from './follower.ts';
import { type Makers, Making, type Wish } from './making.ts';
import { Makings } from './makings.ts';
import { packAnswer, sharedHeaders, unpackAnswer } from './recorded-answer.ts';

export interface SharedAnswersDeps extends FollowerDeps {
  /** Monotonic ms. */
  now(): number;
  /** Who is asked, by the configuration of a call. */
  claims(config: Config): Claims;
  /** A call got the answer of another one. */
  shared(how: Shared): void;
}

interface Asked {
  /** When its first call began; null: answers of that name are given again. */
  readonly since: number | null;
  readonly claim: Promise<Claimed>;
  waiting: number;
  /** Somebody took it upon itself. */
  taken: boolean;
}

export interface SharedAnswers extends CallObserver {
  /** Follows a configuration: who is asked is connected before the first that wants to ask. */
  configure(config: Config): void;
  /** `continue`: the call makes the answer. A promise only where others are asked. */
  share(call: Call, wish: Wish): StageResult | Promise<StageResult>;
  /**
   * Kept answers were purged: what is under way is for those that wait for it, and nobody else.
   *
   * @param told whether this worker is the one that tells others that do not hear of it by themselves.
   */
  purged(config: Config, told: boolean): Promise<void>;
  /** Calls that go on though their client has left. */
  readonly size: number;
  endAll(error: GatewayError): number;
  idle(): Promise<void>;
}

export function createSharedAnswers(deps: SharedAnswersDeps): SharedAnswers {
  return new Answers(deps);
}

class Answers implements SharedAnswers, Makers {
  readonly #deps: SharedAnswersDeps;
  readonly #making = new Makings();
  readonly #asked = new Map<string, Asked>();
  readonly #orphans = new Set<Call>();
  #idleWaiters: (() => void)[] = [];

  constructor(deps: SharedAnswersDeps) {
    this.#deps = deps;
  }

  configure(config: Config): void {
    // A call with an Idempotency-Key waits until there is a connection. These do not wait so long, and behind a start many come at once.
    if (config.cache !== undefined || config.coalesce.routes.length > 0) this.#deps.claims(config);
  }

  share(call: Call, wish: Wish): StageResult | Promise<StageResult> {
    const making = this.#making.get(wish.name);
    if (making !== undefined) return this.#follow(call, making, wish);
    if (wish.claimed) return this.#ask(call, wish);
    return this.#make(call, wish, false);
  }

  async purged(config: Config, told: boolean): Promise<void> {
    const claims = this.#deps.claims(config);
    // Before the claims that it ends are given up: who takes one of them then has begun behind the purge, and is waited for by who came behind it.
    const said = told ? claims.purged() : undefined;
    for (const { wish, claimed } of this.#making.take(({ keep }) => !keep))
      if (claimed) claims.settle(wish.name, null);
    for (const [id, { since }] of this.#asked) if (since !== null) this.#asked.delete(id);
    await said;
  }

  get size(): number {
    return this.#orphans.size;
  }

  endAll(error: GatewayError): number {
    const orphans = [...this.#orphans];
    for (const call of orphans) {
      call.work?.cancel(error);
      this.#deps.refuse(call, error);
    }
    return orphans.length;
  }

  idle(): Promise<void> {
    if (this.#orphans.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  settled(call: Call): void {
    call.sharing?.settled();
    if (this.#orphans.size === 0 || !this.#orphans.delete(call) || this.#orphans.size > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  // -- Makers

  /** It has ended, once: by its sink, or without an answer. */
  over(making: Making): void {
    const { call, wish, claimed } = making;
    if (!this.#making.remove(making)) return;
    if (!claimed) return;
    const answer = making.answer();
    const recorded = answer.ended ? answer.recorded() : null;
    // Behind the last byte the call says what it was worth.
    queueMicrotask(() => {
      const good = recorded !== null && recorded.status < 300 && making.error === null;
      const made = good ? { answer: packAnswer(recorded), ttlMs: wish.ttlMs, madeAt: making.saidAt } : null;
      const settle = (): void => this.#claims(call).settle(wish.name, made);
      // Who comes too late to have waited finds it kept, then.
      if (making.written === null) settle();
      else void making.written.then(settle);
    });
  }

  now(): number {
    return this.#deps.now();
  }

  orphaned(call: Call): void {
    this.#orphans.add(call);
  }

  abandon(call: Call): void {
    const error = new GatewayError('GW_CLIENT_GONE');
    call.work?.cancel(error);
    this.#deps.settle(call, { status: error.status, error, facts: null });
  }

  // -- inside

  #follow(call: Call, making: Making, wish: Wish): StageResult {
    if (making.wish.print !== wish.print) return otherRequest();
    // Too long to be had from its beginning: this call makes its own.
    if (!making.open) return 'continue';
    const how = wish.ttlMs > 0 ? 'joined' : 'coalesced';
    this.#mark(call, how);
    const answer = making.answer();
    const follower = new Follower(this.#deps, call, making, answer);
    call.begin(follower);
    const from = this.#deps.now();
    answer.join(call.sink, how, () => {
      // Somebody else's provider was waited for.
      call.waitedMs += this.#deps.now() - from;
      follower.finished();
    });
    return 'taken';
  }

  async #ask(call: Call, wish: Wish): Promise<StageResult> {
    const id = `${wish.name} ${wish.print}`;
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      const since = wish.ttlMs > 0 ? null : call.startedAt;
      const claim = this.#claims(call).claim(wish.name, wish.print, since);
      asked = { since, claim, waiting: 0, taken: false };
      this.#asked.set(id, asked);
    }
    asked.waiting++;
    const from = this.#deps.now();
    const claimed = await asked.claim;
    call.waitedMs += this.#deps.now() - from;
    asked.waiting--;
    if (this.#asked.get(id) === asked) this.#asked.delete(id);
    const last = asked.waiting === 0 && !asked.taken;
    switch (claimed.kind) {
      case 'other':
        return otherRequest();
      case 'made':
        if (call.settled) return 'taken';
        // It waited with others that came before that was made.
        if (claimed.madeAt !== undefined && call.startedAt > claimed.madeAt) return this.#again(call, wish);
        return this.#replay(call, wish, claimed.answer);
      case 'unknown':
        return call.settled || this.#making.get(wish.name) !== undefined
          ? this.#again(call, wish)
          : this.#make(call, wish, false);
      case 'mine':
        if (call.settled) {
          // Its client left meanwhile, and so did everybody else's.
          if (last) this.#claims(call).settle(wish.name, null);
          return 'taken';
        }
        if (asked.taken) return this.#again(call, wish);
        asked.taken = true;
        return this.#make(call, wish, true);
    }
  }

  /** Somebody makes it by now, or has. */
  #again(call: Call, wish: Wish): StageResult | Promise<StageResult> {
    return call.settled ? 'taken' : this.share(call, wish);
  }

  #make(call: Call, wish: Wish, claimed: boolean): StageResult {
    const making = new Making(call, wish, claimed, this);
    call.sink = making;
    call.sharing = making;
    this.#making.add(making);
    return 'continue';
  }

  #replay(call: Call, wish: Wish, bytes: Uint8Array): StageResult {
    const recorded = unpackAnswer(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    if (recorded === null) return 'continue';
    const how = wish.ttlMs > 0 ? 'replayed' : 'coalesced';
    this.#mark(call, how);
    const { status, streamed, body } = recorded;
    const headers = sharedHeaders(recorded.headers, how);
    const { sink } = call;
    if (streamed) {
      sink.start(status, headers);
      if (body.length > 0) sink.chunk(body);
      sink.end();
    } else sink.reply(status, headers, body);
    this.#deps.settle(call, { status, error: null, facts: null });
    return 'taken';
  }

  #claims(call: Call): Claims {
    return this.#deps.claims(call.snapshot.config);
  }

  #mark(call: Call, how: Shared): void {
    call.shared = how;
    this.#deps.shared(how);
  }
}

function otherRequest(): GatewayError {
  return new GatewayError('GW_CLIENT_IDEMPOTENCY');
}
