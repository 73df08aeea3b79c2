// The one loop of a call: targets in order, attempts on each, until an answer, a refusal or the client's leaving.
// Nothing else in the gateway retries or falls back, and this does so only until the first byte reached the client. It
// decides and carries out; a leg knows the target, a delivery the client, an attempt the one request between them.
import { holdBody, releaseBody } from '../../body/hold.ts';
import type { Admission, TargetHold } from '../../contracts/admission.ts';
import type { BalanceAsk } from '../../contracts/balance.ts';
import type { Call, Cancellable, Stage } from '../../contracts/call.ts';
import { isSource } from '../../contracts/body-source.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Dialect, DialectName } from '../../contracts/dialect.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { MediaFetcher } from '../../contracts/media.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Refusals } from '../../contracts/rests.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { Course } from '../../routing/course.ts';
import { decideRetry } from '../../routing/retry.ts';
import { affinityOf } from '../affinity.ts';
import { isNoCount, lacksCounter, type TokenCounter } from '../count.ts';
import { timeoutsFor } from '../overrides.ts';
import { asGatewayError } from '../pipeline.ts';
import type { Refuser } from '../refuse.ts';
import type { Settle } from '../settle.ts';
import type { StreamRelay } from '../stream-relay.ts';
import type { UpstreamHeaderBuilder } from '../upstream-headers.ts';
import { upstreamPath } from '../upstream-path.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { Delivery, type DeliveryDeps } from './delivery.ts';
import { Leg } from './leg.ts';

export interface DispatchDeps extends DeliveryDeps {
  headers: UpstreamHeaderBuilder;
  /** Null: nothing is fetched. */
  media: MediaFetcher | null;
  dialect(name: DialectName): Dialect;
  refuse: Refuser;
  settle: Settle;
  admission: Admission;
  counter: TokenCounter;
  random(): number;
  /** Keys rest and targets cool down by what it hears. */
  refusals: Refusals;
}

export function createDispatch(deps: DispatchDeps): Stage {
  return (call) => {
    new Dispatch(deps, call).start();
    return 'taken';
  };
}

/** What the request refers to is not kept for this target: the one that keeps it may be another. */
const KEPT_ELSEWHERE: ReadonlySet<string> = new Set([
  'GW_CLIENT_RESPONSE_NOT_FOUND',
  'GW_CLIENT_ITEM_NOT_FOUND',
]);

class Dispatch implements AttemptOwner, Cancellable, BalanceAsk {
  readonly #deps: DispatchDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  readonly #delivery: Delivery;
  readonly #course: Course;
  /** At the target of the moment; none before the first. */
  #leg: Leg | null = null;
  #attempt: Attempt | null = null;
  #freshUsed = false;
  /** What the client hears when nothing works: the first failure, with the target whose it was. */
  #first: { error: GatewayError; target: Target } | null = null;
  #backoff: NodeJS.Timeout | null = null;
  #waitFrom = 0;

  constructor(deps: DispatchDeps, call: Call) {
    this.#deps = deps;
    this.#call = call;
    this.#course = new Course(call.plan!, this);
    this.#client = deps.dialect(call.route.dialect);
    this.#delivery = new Delivery(deps, call, this.#client);
  }

  start(): void {
    this.#call.begin(this);
    this.#nextTarget();
  }

  #nextTarget(): void {
    const call = this.#call;
    const { refusable, estimated } = call.operation!;
    const target = this.#course.next(refusable ? this.#deps.refusals.passedBy : null);
    const leg = new Leg(call, target, this.#client);
    this.#leg = leg;
    if (estimated && !this.#deps.counter.asks(call, target)) {
      this.#estimate(target);
      return;
    }
    this.#make(leg);
  }

  #make(leg: Leg): void {
    const call = this.#call;
    const { target } = leg;
    let made: ReturnType<Leg['makeBody']>;
    try {
      made = leg.makeBody(this.#deps.offload, this.#deps.media);
    } catch (cause) {
      this.#unfit(asGatewayError(cause), target);
      return;
    }
    if (made instanceof Promise) {
      const from = this.#deps.clocks.now();
      made.then(
        () => {
          if (leg.fetched) call.waitedMs += this.#deps.clocks.now() - from;
          if (!call.settled) this.#try(leg, false);
        },
        (cause: unknown) => {
          if (!call.settled) this.#unfit(asGatewayError(cause), target);
        },
      );
    } else this.#try(leg, false);
  }

  /** The request cannot be said in this target's dialect: a fallback may still take it. */
  #unfit(error: GatewayError, target: Target): void {
    if (error.kind === 'unsupported' || KEPT_ELSEWHERE.has(error.code)) this.#passOn(error, target);
    else this.#giveFirst(error, target);
  }

  /**
   * The target was not asked: the next one, or the client, hears of it. Where it stood in for one that cools down, that
   * one's own answer is the better reason.
   */
  #passOn(error: GatewayError, target: Target): void {
    if (this.#course.left === 0) {
      this.#giveFirst(error, target);
      return;
    }
    if (!this.#course.reordered) this.#first ??= { error, target };
    this.#nextTarget();
  }

  #giveFirst(error: GatewayError, target: Target): void {
    this.#first ??= { error, target };
    this.#deps.refuse(this.#call, this.#first.error, this.#first.target);
  }

  /** Each attempt is a request to the provider, and counts in its limits. */
  #try(leg: Leg, fresh: boolean): void {
    const call = this.#call;
    if (call.limits === null) {
      this.#send(leg, fresh);
      return;
    }
    const admitted = this.#deps.admission.admitTarget(call, leg.target);
    if (!(admitted instanceof Promise)) this.#admitted(leg, admitted, fresh);
    else {
      admitted.then(
        (later) => {
          if (!call.settled) this.#admitted(leg, later, fresh);
        },
        (cause: unknown) => {
          if (!call.settled) this.#deps.refuse(call, asGatewayError(cause), leg.target);
        },
      );
    }
  }

  #admitted(leg: Leg, admitted: TargetHold | GatewayError | null, fresh: boolean): void {
    // As if its lane were full.
    if (admitted instanceof GatewayError) this.#passOn(admitted, leg.target);
    else {
      leg.hold = admitted;
      this.#send(leg, fresh);
    }
  }

  #send(leg: Leg, fresh: boolean): void {
    leg.attempts++;
    holdBody(this.#call);
    const attempt = new Attempt(this.#deps, this, {
      call: this.#call,
      target: leg.target,
      method: this.#call.operation!.raw === undefined ? 'POST' : this.#call.head.method,
      body: leg.body,
      path: upstreamPath(this.#call, leg.target),
      fresh,
      timeouts: timeoutsFor(this.#call, leg.target),
      triedKeys: leg.triedKeys,
      pin: leg.pin,
    });
    this.#attempt = attempt;
    if (leg.hold !== null) leg.hold.record = attempt.record;
    attempt.begin();
  }

  // -- AttemptOwner

  failed(attempt: Attempt, error: GatewayError): void {
    const call = this.#call;
    if (call.settled) return;
    const leg = this.#leg!;
    const { target } = leg;
    const { refusable, estimated } = call.operation!;
    if (refusable) this.#deps.refusals.failed(target, attempt.key, error);
    // What is wrong with the request is no fault of the target's.
    if (error.source !== 'client') target.load?.failed(this.#deps.clocks.now());
    if (call.sink.committed) {
      this.#break(attempt, error);
      return;
    }
    attempt.account(this.#delivery.facts);
    this.#delivery.forget();
    if (leg.hold !== null) this.#deps.admission.leaveTarget(leg.hold);
    leg.hold = null;
    if (leg.dropProofs(error)) {
      this.#make(leg);
      return;
    }
    this.#first ??= { error, target };
    if (estimated && lacksCounter(error, target.model)) {
      this.#lacking(target);
      return;
    }
    const tried = attempt.key === null ? leg.triedKeys : [...leg.triedKeys, attempt.key];
    // What was handed on while it came is gone.
    const spent = isSource(leg.body) && leg.body.begun;
    const decision = decideRetry(
      {
        advice: spent ? 'no' : error.retry,
        retryAfterMs: error.retryAfterMs,
        onTarget: leg.attempts,
        overall: call.attempts.length,
        freshUsed: this.#freshUsed,
        otherKey: attempt.key !== null && target.lane.keys.hasOther(target.model, tried),
        waitHelps: error.code === 'GW_UPSTREAM_RATE_LIMIT',
        targetsLeft: this.#course.left,
        leftMs: this.#leftMs(target),
      },
      target.retries,
      this.#deps.random(),
    );
    if (decision.kind !== 'again' && refusable) this.#deps.refusals.givenUp(target, error);
    if (decision.kind === 'next') this.#nextTarget();
    else if (decision.kind === 'stop') this.#giveFirst(error, target);
    else {
      const fresh = error.retry === 'fresh';
      this.#freshUsed ||= fresh;
      if (decision.freshKey) leg.triedKeys = tried;
      if (decision.delayMs <= 0) this.#try(leg, fresh);
      else this.#later(leg, decision.delayMs);
    }
  }

  answered(attempt: Attempt, headers: UpstreamHeaders, body: Buffer): void {
    if (this.#call.operation!.estimated && isNoCount(this.#call, body)) {
      this.#lacking(attempt.target);
      return;
    }
    let facts: AnswerFacts | null | Promise<AnswerFacts | null>;
    try {
      facts = this.#delivery.answer(this.#leg!, attempt.status, headers, body);
    } catch (cause) {
      this.#noAnswer(attempt, cause);
      return;
    }
    if (!(facts instanceof Promise)) this.#given(attempt, facts);
    else {
      facts.then(
        (later) => {
          if (!this.#call.settled) this.#given(attempt, later);
        },
        (cause: unknown) => {
          if (!this.#call.settled) this.#noAnswer(attempt, cause);
        },
      );
    }
  }

  #given(attempt: Attempt, facts: AnswerFacts | null): void {
    attempt.served();
    this.#settle(attempt, attempt.status, null, facts);
  }

  #noAnswer(attempt: Attempt, cause: unknown): void {
    const error = asGatewayError(cause);
    attempt.record.errorType = error.errorType;
    this.failed(attempt, error);
  }

  openStream(attempt: Attempt, headers: UpstreamHeaders): StreamRelay {
    return this.#delivery.begin(this.#leg!, attempt, headers, this.#course.left > 0);
  }

  streamed(attempt: Attempt): void {
    this.#delivery.end();
    attempt.served();
    this.#settle(attempt, this.#delivery.status, null, this.#delivery.facts);
  }

  closed(): void {
    releaseBody(this.#call);
  }

  // -- Cancellable

  cancel(reason: GatewayError): void {
    const call = this.#call;
    if (this.#backoff !== null) clearTimeout(this.#backoff);
    this.#leg?.cancel();
    this.#delivery.cancel();
    const attempt = this.#attempt;
    attempt?.cancel(reason.errorType);
    const { facts } = this.#delivery;
    if (reason.kind === 'cancelled') this.#settle(attempt, 499, reason, facts);
    else if (call.sink.committed) this.#break(attempt, reason);
    else {
      attempt?.account(facts);
      this.#deps.refuse(call, reason, this.#leg?.target);
    }
  }

  // -- BalanceAsk

  nowMs(): number {
    return this.#deps.clocks.now();
  }

  random(): number {
    return this.#deps.random();
  }

  affinity(): number {
    return affinityOf(this.#call);
  }

  // -- inside

  /** Ends an answer of which a part has gone out: with a word of why, where what it is has room for one. */
  #break(attempt: Attempt | null, error: GatewayError): void {
    const { facts } = this.#delivery;
    const { operation, sink } = this.#call;
    const bytes = operation!.answer === 'bytes';
    if (!bytes) this.#delivery.break(error);
    this.#settle(attempt, this.#delivery.status, error, facts);
    // Cut off, so that nobody takes it for whole.
    if (bytes) sink.cut();
  }

  #lacking(target: Target): void {
    this.#deps.counter.lacking(target);
    this.#estimate(target);
  }

  /** What no vendor answers the gateway answers. */
  #estimate(target: Target): void {
    this.#call.finish(this);
    this.#deps.counter.estimate(this.#call, target).catch((cause: unknown) => {
      if (!this.#call.settled) this.#deps.refuse(this.#call, asGatewayError(cause), target);
    });
  }

  #settle(
    attempt: Attempt | null,
    status: number,
    error: GatewayError | null,
    facts: AnswerFacts | null,
  ): void {
    attempt?.account(facts);
    this.#deps.settle(this.#call, { status, error, facts });
  }

  #later(leg: Leg, delayMs: number): void {
    this.#waitFrom = this.#deps.clocks.now();
    this.#backoff = setTimeout(() => {
      this.#backoff = null;
      this.#call.waitedMs += this.#deps.clocks.now() - this.#waitFrom;
      if (!this.#call.settled) this.#try(leg, false);
    }, delayMs);
  }

  #leftMs(target: Target): number {
    const { totalMs } = timeoutsFor(this.#call, target);
    if (totalMs === 0) return Number.POSITIVE_INFINITY;
    return totalMs - (this.#deps.clocks.now() - this.#call.startedAt);
  }
}
