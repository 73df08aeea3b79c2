// Who makes an answer that several ask for, and who takes it: on this worker directly, from its first byte; made on another worker
// or node when it is whole (contracts/claims.ts). The one that makes it has limits, attempts and its one settlement as any other and
// pays; the others are settled with what they got and no usage.
import type { Call, StageResult } from '../../contracts/call.ts';
import type { Claimed, Claims } from '../../contracts/claims.ts';
import type { Config } from '../../contracts/config.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import type { Shared } from '../../contracts/shared-answer.ts';
import { FanOut } from './fan-out.ts';
import { Follower, type FollowerDeps } from './follower.ts';
import { packAnswer, type RecordedAnswer, sharedHeaders, unpackAnswer } from './recorded-answer.ts';

export interface SharedAnswersDeps extends FollowerDeps {
  /** Who is asked, by the configuration of a call. */
  claims(config: Config): Claims;
  /** A call got the answer of another one. */
  shared(how: Shared): void;
}

export interface Wish {
  /** Of the answer, over all that may share it. */
  name: string;
  /** Of the request: another one of the same name is refused. */
  print: string;
  /** An answer of at most so many bytes is shared from its beginning, and kept. */
  maxBytes: number;
  /** How long a good answer is given again; 0 = only while it is under way. */
  ttlMs: number;
  /** Whether others than this worker may make it. */
  claimed: boolean;
}

interface Making {
  readonly call: Call;
  readonly answer: FanOut;
  readonly wish: Wish;
  /** Others wait for what comes of it. */
  readonly claimed: boolean;
}

interface Asked {
  readonly claim: Promise<Claimed>;
  waiting: number;
  /** Somebody took it upon itself. */
  taken: boolean;
}

export interface SharedAnswers extends CallObserver {
  /** `continue`: the call makes the answer. A promise only where others are asked. */
  share(call: Call, wish: Wish): StageResult | Promise<StageResult>;
  /** Calls that go on though their client has left. */
  readonly size: number;
  endAll(error: GatewayError): number;
  idle(): Promise<void>;
}

export function createSharedAnswers(deps: SharedAnswersDeps): SharedAnswers {
  return new Answers(deps);
}

class Answers implements SharedAnswers {
  readonly #deps: SharedAnswersDeps;
  readonly #making = new Map<string, Making>();
  /** The same by who makes it; a call may make one under two names. */
  readonly #makers = new Map<Call, Making[]>();
  readonly #asked = new Map<string, Asked>();
  readonly #orphans = new Set<Call>();
  #idleWaiters: (() => void)[] = [];

  constructor(deps: SharedAnswersDeps) {
    this.#deps = deps;
  }

  share(call: Call, wish: Wish): StageResult | Promise<StageResult> {
    const making = this.#making.get(wish.name);
    if (making !== undefined) return this.#follow(call, making, wish);
    if (wish.claimed) return this.#ask(call, wish);
    return this.#make(call, wish, false);
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
    const makes = this.#makers.get(call);
    if (makes !== undefined) for (const making of makes) this.#over(making, null);
    if (!this.#orphans.delete(call) || this.#orphans.size > 0) return;
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }

  // -- inside

  #follow(call: Call, { call: leader, answer, wish: { print } }: Making, wish: Wish): StageResult {
    if (print !== wish.print) return otherRequest();
    // Too long to be had from its beginning: this call makes its own.
    if (!answer.open) return 'continue';
    const how = wish.ttlMs > 0 ? 'joined' : 'coalesced';
    this.#mark(call, how);
    const follower = new Follower(this.#deps, call, leader, answer);
    call.begin(follower);
    answer.join(call.sink, how, () => follower.finished());
    return 'taken';
  }

  async #ask(call: Call, wish: Wish): Promise<StageResult> {
    const id = `${wish.name} ${wish.print}`;
    let asked = this.#asked.get(id);
    if (asked === undefined) {
      asked = { claim: this.#claims(call).claim(wish.name, wish.print), waiting: 0, taken: false };
      this.#asked.set(id, asked);
    }
    asked.waiting++;
    const claimed = await asked.claim;
    asked.waiting--;
    this.#asked.delete(id);
    const last = asked.waiting === 0 && !asked.taken;
    switch (claimed.kind) {
      case 'other':
        return otherRequest();
      case 'made':
        return call.settled ? 'taken' : this.#replay(call, wish, claimed.answer);
      case 'unknown':
        return call.settled || this.#making.has(wish.name)
          ? this.#again(call, wish)
          : this.#make(call, wish, false);
      case 'mine':
        if (call.settled) {
          // Its client left meanwhile, and so did everybody else's.
          if (last) this.#claims(call).settle(wish.name, null, 0);
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
    const answer: FanOut = new FanOut(call.sink, {
      maxBytes: wish.maxBytes,
      keep: wish.ttlMs > 0,
      ended: (recorded) => this.#over(making, recorded),
      abandoned: () => this.#abandon(call),
    });
    const making: Making = { call, answer, wish, claimed };
    call.sink = answer;
    call.sharing = {
      goesOn: () => {
        if (answer.closed) return false;
        this.#orphans.add(call);
        return true;
      },
    };
    this.#making.set(wish.name, making);
    const makes = this.#makers.get(call);
    if (makes === undefined) this.#makers.set(call, [making]);
    else makes.push(making);
    return 'continue';
  }

  /** It has ended, once: by its sink, or without an answer. */
  #over(making: Making, recorded: RecordedAnswer | null): void {
    const { call, wish } = making;
    if (this.#making.get(wish.name) !== making) return;
    this.#making.delete(wish.name);
    const makes = this.#makers.get(call)!.filter((other) => other !== making);
    if (makes.length > 0) this.#makers.set(call, makes);
    else this.#makers.delete(call);
    if (!making.claimed) return;
    // Behind the last byte the call says what it was worth.
    queueMicrotask(() => {
      const good = recorded !== null && recorded.status < 300 && call.error === null;
      this.#claims(call).settle(wish.name, good ? packAnswer(recorded) : null, wish.ttlMs);
    });
  }

  #abandon(call: Call): void {
    const error = new GatewayError('GW_CLIENT_GONE');
    call.work?.cancel(error);
    this.#deps.settle(call, { status: error.status, error, facts: null });
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
