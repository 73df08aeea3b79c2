// The one loop of a call: targets in order, attempts on each, until an answer, a refusal or the client's leaving.
// Nothing else in the gateway retries or falls back, and this does so only until the first byte reached the client.

import { freeBlock } from '../body/free.ts';
import { mergeEdits, splice } from '../body/splice.ts';
import type { Admission } from '../contracts/admission.ts';
import type { Edit, EncodedRequest, EncodeTarget, ToolMemory } from '../contracts/body.ts';
import type { Call, Stage } from '../contracts/call.ts';
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { GatewayError, type UpstreamFault } from '../contracts/errors.ts';
import type { RingKey } from '../contracts/lane.ts';
import type { Target } from '../contracts/plan.ts';
import type { Offload } from '../contracts/ports.ts';
import type { Refusals } from '../contracts/rests.ts';
import type { EventRoom, RequestBody, UpstreamHeaders } from '../contracts/upstream.ts';
import { faultError } from '../dialects/fault-error.ts';
import { decideRetry } from '../routing/retry.ts';
import {
  describeCall,
  type Headers,
  passUpstreamHeaders,
  replaceLimits,
  streamHead,
  translateUpstreamHeaders,
} from './answer-headers.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { Clocks } from './clocks.ts';
import { isNoCount, lacksCounter, type TokenCounter } from './count.ts';
import { openRelay } from './open-relay.ts';
import { encodeTargetFor, timeoutsFor } from './overrides.ts';
import { asGatewayError } from './pipeline.ts';
import type { Refuser } from './refuse.ts';
import type { Settle, Settlement } from './settle.ts';
import { spareCooling } from './spare-cooling.ts';
import type { Relay, StreamOut, StreamRelay } from './stream-relay.ts';
import { isLarge, translateHere, translateInThread } from './translate-body.ts';
import { type Delivery, deliverAnswer } from './unary-answer.ts';
import type { UpstreamHeaderBuilder } from './upstream-headers.ts';
import { upstreamPath } from './upstream-path.ts';

export interface DispatchDeps {
  clocks: Clocks;
  headers: UpstreamHeaderBuilder;
  offload: Offload | null;
  dialect(name: DialectName): Dialect;
  refuse: Refuser;
  settle: Settle;
  admission: Admission;
  counter: TokenCounter;
  random(): number;
  /** Value of the `server-timing` header. */
  serverTiming(call: Call, now: number): string;
  overheadMs(call: Call, now: number): number;
  /** Keys rest and targets cool down by what it hears. */
  refusals: Refusals;
  /** Memory that large unfinished events share. */
  eventRoom: EventRoom;
  /** An upstream sent a stream that cannot be read. */
  malformed(target: Target): void;
}

export function createDispatch(deps: DispatchDeps): Stage {
  return (call) => {
    new Dispatch(deps, call).start();
    return 'taken';
  };
}

class Dispatch implements AttemptOwner, StreamOut {
  readonly #deps: DispatchDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  /** Those tried and, behind them, those to come. */
  #targets: readonly Target[];
  #targetIndex = -1;
  #onTarget = 0;
  #freshUsed = false;
  #triedKeys: RingKey[] = [];
  /** Body for the current target, made once for all attempts on it. */
  #body: RequestBody | null = null;
  /** As it came, until nobody reads it any more. */
  #clientBody: Buffer | null;
  /** What that body's translation changed of the client's tools. */
  #tools: ToolMemory | null = null;
  #attempt: Attempt | null = null;
  /** The stream's head, until its first byte is written. */
  #head: Headers | null = null;
  #relay: Relay | null = null;
  /** What the client hears when nothing works: the first failure, with the target whose it was. */
  #first: { error: GatewayError; target: Target } | null = null;
  #backoff: NodeJS.Timeout | null = null;
  #waitFrom = 0;
  #abort: AbortController | null = null;

  constructor(deps: DispatchDeps, call: Call) {
    this.#deps = deps;
    this.#call = call;
    this.#targets = call.plan!.targets;
    this.#client = deps.dialect(call.route.dialect);
    this.#clientBody = call.body;
  }

  start(): void {
    this.#call.onGone = () => this.#clientLeft();
    this.#nextTarget();
  }

  get #target(): Target {
    return this.#targets[this.#targetIndex]!;
  }

  /** Counting tokens has limits of its own at a provider: they say nothing of answers, and answers' nothing of them. */
  get #refusable(): boolean {
    return this.#call.operation!.refusable;
  }

  /** What no vendor answers the gateway answers. */
  get #estimated(): boolean {
    return this.#call.operation!.estimated;
  }

  get #targetsLeft(): number {
    return this.#targets.length - this.#targetIndex - 1;
  }

  #nextTarget(): void {
    this.#targetIndex++;
    if (this.#refusable)
      this.#targets = spareCooling(this.#targets, this.#targetIndex, this.#deps.refusals.passedBy);
    this.#onTarget = 0;
    this.#triedKeys = [];
    this.#body = null;
    this.#tools = null;
    const call = this.#call;
    const target = this.#target;
    call.provider = target.provider.name;
    call.upstreamModel = target.model;
    call.translated = target.dialect.name !== this.#client.name;
    call.dropped = [];
    call.adapted = [];
    if (this.#estimated && !this.#deps.counter.asks(call, target)) {
      this.#estimate(target);
      return;
    }
    let made: RequestBody | Promise<RequestBody>;
    try {
      made = this.#makeBody(target);
    } catch (cause) {
      this.#unfit(asGatewayError(cause));
      return;
    }
    if (made instanceof Promise) {
      made.then(
        (body) => {
          this.#abort = null;
          if (!call.settled) this.#try(body, false);
        },
        (cause: unknown) => {
          this.#abort = null;
          if (!call.settled) this.#unfit(asGatewayError(cause));
        },
      );
    } else {
      this.#try(made, false);
    }
  }

  /** The upstream's body: the client's bytes with our values spliced in, or a translation. */
  #makeBody(target: Target): RequestBody | Promise<RequestBody> {
    const call = this.#call;
    const encode = encodeTargetFor(call, target);
    if (!call.translated) return this.#edited(target, encode);
    const { offload } = this.#deps;
    if (!isLarge(call, offload)) return this.#encoded(translateHere(call, this.#client, target, encode));
    this.#abort = new AbortController();
    const encoded = translateInThread(offload, call, this.#client, target, encode, this.#abort.signal);
    return encoded.then((result) => this.#encoded(result));
  }

  /** The client's own bytes, as this target takes them. */
  #edited(target: Target, encode: EncodeTarget): RequestBody {
    const call = this.#call;
    const body = call.body!;
    const facts = call.facts!;
    const codec = this.#client[call.operation!.name]!;
    let edits: Edit[];
    if (target.particular && codec.fit !== undefined) {
      const fitted = codec.fit(body, facts, encode);
      call.dropped = fitted.dropped;
      call.adapted = fitted.adapted;
      edits = fitted.edits;
    } else edits = codec.splice(facts, encode);
    const mended = codec.mend?.(body, facts, encode) ?? null;
    if (mended === null) return splice(body, edits);
    call.adapted = [...call.adapted, ...mended.adapted];
    return splice(body, mergeEdits(edits, mended.edits));
  }

  #encoded(encoded: EncodedRequest): Buffer {
    this.#call.dropped = encoded.dropped;
    this.#call.adapted = encoded.adapted;
    this.#tools = encoded.tools ?? null;
    return Buffer.from(encoded.body);
  }

  /** The request cannot be said in this target's dialect: a fallback may still take it. */
  #unfit(error: GatewayError): void {
    if (error.kind === 'unsupported' && this.#targetsLeft > 0) this.#passOn(error);
    else this.#giveFirst(error, this.#target);
  }

  /** A limit of this provider is reached, as if its lane were full: the next target, or the client, hears of it. */
  #limited(error: GatewayError): void {
    if (this.#targetsLeft > 0) this.#passOn(error);
    else this.#giveFirst(error, this.#target);
  }

  /** The target was not asked. Where it stood in for one that cools down, that one's own answer is the better reason. */
  #passOn(error: GatewayError): void {
    if (this.#targets === this.#call.plan!.targets) this.#first ??= { error, target: this.#target };
    this.#nextTarget();
  }

  #giveFirst(error: GatewayError, target: Target): void {
    this.#first ??= { error, target };
    this.#give(this.#first.error, this.#first.target);
  }

  /** Each attempt is a request to the provider, and counts in its limits. */
  #try(body: RequestBody, fresh: boolean): void {
    const call = this.#call;
    this.#body = body;
    if (call.limits === null) {
      this.#send(body, fresh);
      return;
    }
    const admitted = this.#deps.admission.admitTarget(call, this.#target);
    if (admitted === null) this.#send(body, fresh);
    else if (admitted instanceof GatewayError) this.#limited(admitted);
    else {
      admitted.then(
        (error) => {
          if (call.settled) return;
          if (error === null) this.#send(body, fresh);
          else this.#limited(error);
        },
        (cause: unknown) => {
          if (!call.settled) this.#give(asGatewayError(cause), this.#target);
        },
      );
    }
  }

  #send(body: RequestBody, fresh: boolean): void {
    const target = this.#target;
    this.#onTarget++;
    this.#attempt = new Attempt(this.#deps, this, {
      call: this.#call,
      target,
      body,
      path: upstreamPath(this.#call, target),
      fresh,
      timeouts: timeoutsFor(this.#call, target),
      triedKeys: this.#triedKeys,
    });
    this.#attempt.begin();
  }

  // -- AttemptOwner

  failed(attempt: Attempt, error: GatewayError): void {
    const call = this.#call;
    if (call.settled) return;
    if (this.#refusable) this.#deps.refusals.failed(attempt.target, attempt.key, error);
    if (call.sink.committed) {
      this.#breakStream(error);
      return;
    }
    this.#relay = null;
    this.#head = null;
    this.#first ??= { error, target: attempt.target };
    if (call.limits !== null) this.#deps.admission.leaveTarget(call);
    const target = attempt.target;
    if (this.#estimated && lacksCounter(error, target.model)) {
      this.#lacking(target);
      return;
    }
    const tried = attempt.key === null ? this.#triedKeys : [...this.#triedKeys, attempt.key];
    const decision = decideRetry(
      {
        advice: error.retry,
        retryAfterMs: error.retryAfterMs,
        onTarget: this.#onTarget,
        overall: call.attempts.length,
        freshUsed: this.#freshUsed,
        otherKey: attempt.key !== null && target.lane.keys.hasOther(target.model, tried),
        waitHelps: error.code === 'GW_UPSTREAM_RATE_LIMIT',
        targetsLeft: this.#targetsLeft,
        leftMs: this.#leftMs(target),
      },
      target.retries,
      this.#deps.random(),
    );
    if (decision.kind !== 'again' && this.#refusable) this.#deps.refusals.givenUp(target, error);
    if (decision.kind === 'next') this.#nextTarget();
    else if (decision.kind === 'stop') this.#give(this.#first.error, this.#first.target);
    else {
      const fresh = error.retry === 'fresh';
      this.#freshUsed ||= fresh;
      if (decision.freshKey) this.#triedKeys = tried;
      if (decision.delayMs <= 0) this.#try(this.#body!, fresh);
      else this.#later(decision.delayMs);
    }
  }

  answered(attempt: Attempt, headers: UpstreamHeaders, body: Buffer): void {
    const call = this.#call;
    const { clocks } = this.#deps;
    if (this.#estimated && isNoCount(body)) {
      this.#lacking(attempt.target);
      return;
    }
    let delivered: Delivery;
    try {
      delivered = deliverAnswer(call, this.#client, attempt.target, this.#tools, body, clocks.wall());
    } catch (cause) {
      const error = asGatewayError(cause);
      attempt.record.errorType = error.errorType;
      this.failed(attempt, error);
      return;
    }
    const list: Headers = [['content-type', delivered.contentType]];
    this.#passHeaders(list, headers, attempt.target);
    describeCall(list, call, attempt.target);
    const now = clocks.now();
    call.firstByteAt = call.lastByteAt = now;
    list.push(
      ['x-headgate-overhead-us', String(Math.round(this.#deps.overheadMs(call, now) * 1000))],
      ['server-timing', this.#deps.serverTiming(call, now)],
    );
    call.sink.reply(attempt.status, list, delivered.body);
    attempt.served();
    this.#settle({ status: attempt.status, error: null, facts: delivered.facts });
  }

  #passHeaders(list: Headers, headers: UpstreamHeaders, { provider }: Target): void {
    if (this.#call.translated)
      translateUpstreamHeaders(list, headers, this.#client.manner.limitHeaders, provider);
    else passUpstreamHeaders(list, headers, provider);
    replaceLimits(list, this.#deps.admission.headers(this.#call));
  }

  openStream(attempt: Attempt, headers: UpstreamHeaders): StreamRelay {
    const call = this.#call;
    const { target } = attempt;
    const list = streamHead();
    this.#passHeaders(list, headers, target);
    describeCall(list, call, target);
    this.#head = list;
    this.#relay = openRelay(
      call,
      this.#client,
      target,
      this.#tools,
      this,
      this.#deps.clocks.wall(),
      this.#deps.eventRoom,
    );
    return this.#relay;
  }

  streamed(attempt: Attempt): void {
    const call = this.#call;
    call.lastByteAt = this.#deps.clocks.now();
    call.sink.end();
    attempt.served();
    this.#settle({ status: 200, error: null, facts: this.#relay!.facts });
  }

  closed(): void {
    this.#letGo();
  }

  // -- StreamOut

  /** Waiting for content before the head goes out only pays where another target could take over. */
  get gated(): boolean {
    return this.#targetsLeft > 0;
  }

  write(bytes: Buffer | string): void {
    const { sink } = this.#call;
    if (this.#head !== null) this.#commit(this.#head);
    this.#call.chunks++;
    this.#call.contentEvents = this.#relay!.tokens;
    if (!sink.chunk(bytes)) this.#attempt!.pause();
  }

  faulted(fault: UpstreamFault): GatewayError {
    return faultError(fault, this.#deps.clocks.wall());
  }

  malformed(): void {
    this.#deps.malformed(this.#target);
  }

  // -- inside

  #commit(head: Headers): void {
    const call = this.#call;
    this.#head = null;
    const now = this.#deps.clocks.now();
    call.firstByteAt = now;
    head.push(['server-timing', this.#deps.serverTiming(call, now)]);
    call.sink.start(200, head);
    call.sink.onDrain = () => this.#attempt?.resume();
  }

  /** Ends a stream that had begun with an error event; never with a clean end. */
  #breakStream(error: GatewayError): void {
    const call = this.#call;
    const masked = call.snapshot.mask(Buffer.from(this.#client.errors.encodeStream(error, call.id)));
    call.lastByteAt = this.#deps.clocks.now();
    call.sink.chunk(masked);
    call.sink.end();
    this.#settle({ status: 200, error, facts: this.#relay?.facts ?? null });
  }

  #give(error: GatewayError, target: Target): void {
    const call = this.#call;
    this.#deps.refuse(call, error, target);
    this.#letGo();
  }

  #lacking(target: Target): void {
    this.#deps.counter.lacking(target);
    this.#estimate(target);
  }

  #estimate(target: Target): void {
    this.#clientBody = null; // it may move to a thread
    this.#deps.counter.estimate(this.#call, target).catch((cause: unknown) => {
      if (!this.#call.settled) this.#give(asGatewayError(cause), target);
    });
  }

  #settle(settlement: Settlement): void {
    this.#deps.settle(this.#call, settlement);
    this.#letGo();
  }

  /** Frees the client's body once the call is settled and no socket sends it any more. */
  #letGo(): void {
    if (this.#clientBody === null || !this.#call.settled || this.#attempt?.done === false) return;
    freeBlock(this.#clientBody);
    this.#clientBody = null;
  }

  #later(delayMs: number): void {
    this.#waitFrom = this.#deps.clocks.now();
    this.#backoff = setTimeout(() => {
      this.#backoff = null;
      this.#call.waitedMs += this.#deps.clocks.now() - this.#waitFrom;
      if (!this.#call.settled) this.#try(this.#body!, false);
    }, delayMs);
  }

  #leftMs(target: Target): number {
    const { totalMs } = timeoutsFor(this.#call, target);
    if (totalMs === 0) return Number.POSITIVE_INFINITY;
    return totalMs - (this.#deps.clocks.now() - this.#call.startedAt);
  }

  #clientLeft(): void {
    if (this.#backoff !== null) clearTimeout(this.#backoff);
    this.#abort?.abort();
    const error = new GatewayError('GW_CLIENT_GONE');
    this.#attempt?.cancel(error.errorType);
    this.#settle({ status: 499, error, facts: this.#relay?.facts ?? null });
  }
}
