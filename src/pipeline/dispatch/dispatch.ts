// The one loop of a call: targets in order, attempts on each, until an answer, a refusal or the client's leaving.
// Nothing else in the gateway retries or falls back; once a byte reached the client a stream may only be gone on with (rescue). It
// decides and carries out; a leg knows the target, a delivery the client, an attempt the one request between them.
import { holdBody, releaseBody } from '../../body/hold.ts';
import type { Call, Cancellable, Stage } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Dialect } from '../../contracts/dialect.ts';
import type { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { isNoCount } from '../count.ts';
import { cannotCount, Lacks } from '../lacks.ts';
import { asGatewayError } from '../pipeline.ts';
import type { StreamRelay } from '../answer/stream-relay.ts';
import { whileOpen } from '../while-open.ts';
import { admitLeg, type LegOwner } from './admit-leg.ts';
import { decideAfter, withKey } from './after-failure.ts';
import { Attempt } from './attempt.ts';
import { attemptInput } from './attempt-input.ts';
import type { AttemptOwner } from './attempt-owner.ts';
import { Delivery } from './delivery.ts';
import type { DispatchDeps, DispatchMemory } from './dispatch-deps.ts';
import { estimateInstead, lacking } from './estimate-instead.ts';
import { beginHedge, type Hedge, type HedgeHost } from './hedge.ts';
import { HedgeMemory } from './hedge-memory.ts';
import { Leg } from './leg.ts';
import { type BodyOwner, makeBody } from './make-body.ts';
import { giveAnswer, openAnswer } from './open-answer.ts';
import { isKeptElsewhere, isTargetsFault, Onward } from './onward.ts';
import { accountLeg } from './race.ts';
import { Repeats } from './repeats.ts';
import { PrefillMemory, Rescue, rescueNote } from './rescue.ts';
import { mayResume, rescuePolicy } from './rescue-policy.ts';

export function createDispatch(deps: DispatchDeps): Stage {
  const memory = { prefill: new PrefillMemory(), lacks: new Lacks(), hedges: new HedgeMemory() };
  return (call) => {
    new Dispatch(deps, memory, call).start();
    return 'taken';
  };
}

class Dispatch implements AttemptOwner<Attempt>, BodyOwner, LegOwner, HedgeHost, Cancellable {
  readonly #deps: DispatchDeps;
  readonly #call: Call;
  readonly #client: Dialect;
  // The leg under way: of two the one of the moment (race.ts).
  delivery: Delivery;
  readonly #onward: Onward;
  readonly #memory: DispatchMemory;
  /** Of the stream that broke off after its client had seen part of it. */
  #rescue: Rescue | null = null;
  /** At the target of the moment; none before the first. */
  leg: Leg | null = null;
  attempt: Attempt | null = null;
  /** Null: its alias hedges nothing. */
  #hedge: Hedge | null = null;
  /** Null: nothing was repeated yet. */
  #repeats: Repeats | null = null;

  constructor(deps: DispatchDeps, memory: DispatchMemory, call: Call) {
    this.#deps = deps;
    this.#memory = memory;
    this.#call = call;
    this.#onward = new Onward(deps, call);
    this.#client = deps.dialect(call.route.dialect);
    this.delivery = new Delivery(deps, call, this.#client);
  }

  start(): void {
    this.#call.begin(this);
    this.#nextTarget();
  }

  #nextTarget(): void {
    const call = this.#call;
    const { estimated } = call.operation!;
    let target = this.#onward.next();
    if (target === null) {
      this.#refuseFirst();
      return;
    }
    const now = this.#deps.clocks.now();
    if (target.otherwise !== null && this.#memory.lacks.has(target.provider, now)) target = target.otherwise;
    target.cell.arrived(now);
    const leg = new Leg(call, target, this.#client);
    this.leg = leg;
    if (estimated && !this.#deps.counter.asks(call, target)) {
      estimateInstead(this.#deps, call, target, this);
      return;
    }
    this.#rescue?.approach(target);
    this.#make(leg);
  }

  #make(leg: Leg): void {
    const other = this.#rescue?.source(this.#call, this.#client) ?? null;
    makeBody(this.#deps, this.#call, leg, other, this);
  }

  // -- BodyOwner

  made(leg: Leg): void {
    this.#try(leg, false);
  }

  /** The request cannot be said in this target's dialect: a fallback may still take it. */
  unfit(error: GatewayError, target: Target): void {
    const { estimated } = this.#call.operation!;
    // What cannot be said there an estimate reads all the same.
    if (estimated && this.leg!.translated) estimateInstead(this.#deps, this.#call, target, this);
    else if (error.kind === 'unsupported' || isKeptElsewhere(error)) this.#passOn(error, target);
    else this.#giveFirst(error, target);
  }

  /**
   * The target was not asked: the next one, or the client, hears of it. Where it stood in for one that cools down, that
   * one's own answer is the better reason.
   */
  #passOn(error: GatewayError, target: Target): void {
    if (this.#onward.leftAfter(error, target) === 0) {
      this.#giveFirst(error, target);
      return;
    }
    if (!this.#onward.reordered) this.#onward.blame(error, target);
    this.#nextTarget();
  }

  #giveFirst(error: GatewayError, target: Target): void {
    this.#onward.blame(error, target);
    this.#refuseFirst();
  }

  /** Nothing is left to try. */
  #refuseFirst(): void {
    const { error, target } = this.#onward.blamed!;
    this.#refuse(error, target);
  }

  #refuse(error: GatewayError, target: Target | undefined): void {
    const rescue = this.#rescue;
    if (rescue === null) this.#deps.refuse(this.#call, error, target);
    else {
      // Nobody goes on with the stream that broke off.
      this.#deps.rescued(rescue.from, 'failed');
      this.#break(null, rescue.error);
    }
  }

  #try(leg: Leg, fresh: boolean): void {
    admitLeg(this.#deps.admission, this.#call, leg, fresh, this);
  }

  // -- LegOwner

  admitted(leg: Leg, fresh: boolean): void {
    const attempt = this.send(leg, fresh);
    const { hedge } = this.#call.plan!;
    if (hedge === undefined || this.#hedge !== null || this.attempt !== attempt) return;
    this.#hedge = beginHedge(this.#deps, this.#memory.hedges, this, this.#call, this.#onward, hedge);
  }

  refused(leg: Leg, error: GatewayError): void {
    // As if its lane were full.
    this.#passOn(error, leg.target);
  }

  unknown(leg: Leg, cause: unknown): void {
    this.#refuse(asGatewayError(cause), leg.target);
  }

  send(leg: Leg, fresh: boolean): Attempt {
    leg.attempts++;
    holdBody(this.#call);
    const input = attemptInput(this.#call, leg, fresh, this.#onward.left > 0);
    const attempt = new Attempt(this.#deps, this, input);
    this.leg = leg;
    this.attempt = attempt;
    if (leg.hold !== null) leg.hold.record = attempt.record;
    attempt.begin();
    return attempt;
  }

  // -- AttemptOwner

  failed(attempt: Attempt, error: GatewayError): void {
    const call = this.#call;
    if (call.settled) return;
    this.#hedge?.turnTo(attempt);
    const leg = this.leg!;
    const { target } = leg;
    const { refusable, estimated } = call.operation!;
    if (refusable) this.#deps.refusals.failed(target, attempt.key, error);
    if (isTargetsFault(error)) target.load?.failed(this.#deps.clocks.now());
    const rescue = this.#rescue;
    if (call.sink.committed && (rescue === null || this.delivery.moved)) {
      this.#broke(attempt, leg, error);
      return;
    }
    this.#leave(attempt, leg);
    if (this.#hedge?.fell(attempt) === true) {
      this.#onward.blame(error, target);
      return;
    }
    if (leg.dropProofs(error)) {
      this.#make(leg);
      return;
    }
    this.#onward.blame(error, target);
    if (rescue?.another(target, error) === true) {
      this.#sameAgain(target);
      return;
    }
    if (estimated && cannotCount(error, target.model, leg.translated)) {
      lacking(this.#deps, this.#call, target, error, this);
      return;
    }
    const { key } = attempt;
    const decision = decideAfter(
      this.#deps,
      call,
      leg,
      key,
      this.#onward,
      error,
      this.#repeats?.freshUsed ?? false,
    );
    if (
      decision.kind !== 'again' &&
      target.otherwise !== null &&
      this.#memory.lacks.may(target, error, this.#deps.clocks.now())
    ) {
      this.#sameAgain(target.otherwise);
      return;
    }
    if (decision.kind !== 'again' && refusable) this.#deps.refusals.givenUp(target, error);
    if (decision.kind === 'next') this.#nextTarget();
    else if (decision.kind === 'stop') this.#giveFirst(error, target);
    else {
      if (decision.freshKey) leg.triedKeys = withKey(leg.triedKeys, key);
      this.#repeats ??= new Repeats(this.#deps.clocks, call);
      this.#repeats.again(decision.delayMs, error.retry === 'fresh', (fresh) => this.#try(leg, fresh));
    }
  }

  /** Part of a stream reached the client, and no more comes. */
  #broke(attempt: Attempt, leg: Leg, error: GatewayError): void {
    const { target } = leg;
    const delivery = this.delivery;
    const position = this.#mayResume(target, error) ? delivery.position(target) : null;
    if (position === null) {
      if (this.#rescue !== null || delivery.keeps) this.#deps.rescued(target, 'failed');
      this.#break(attempt, error);
      return;
    }
    const facts = delivery.received;
    const said = this.#call.contentEvents;
    if (this.#rescue === null)
      this.#rescue = new Rescue(this.#memory.prefill, error, facts, target, position, said);
    else this.#rescue.brokeAgain(facts, position, said);
    this.#leave(attempt, leg);
    if (this.#onward.leftAfter(error, target) > 0) this.#nextTarget();
    else {
      this.#rescue.approach(target);
      this.#sameAgain(target);
    }
  }

  #mayResume(target: Target, error: GatewayError): boolean {
    return (
      this.delivery.keeps && mayResume(this.#call, target, error, this.#onward, this.#rescue?.breaks ?? 0)
    );
  }

  /** Another leg at a target that was there before: its request is another. */
  #sameAgain(target: Target): void {
    const leg = new Leg(this.#call, target, this.#client);
    this.leg = leg;
    this.#make(leg);
  }

  /** The attempt is over, and the client has no more of it than it has. */
  #leave(attempt: Attempt, leg: Leg): void {
    this.attempt = null;
    accountLeg(this.#deps.admission, leg, attempt, this.delivery);
  }

  answered(attempt: Attempt, headers: UpstreamHeaders, body: Buffer): void {
    this.#hedge?.won(attempt);
    if (this.#call.operation!.estimated && isNoCount(attempt.target, body)) {
      lacking(this.#deps, this.#call, attempt.target, null, this);
      return;
    }
    let facts: ReturnType<Delivery['answer']>;
    try {
      facts = giveAnswer(this.delivery, this.leg!, attempt, headers, body, this.#rescue);
    } catch (cause) {
      this.#noAnswer(attempt, cause);
      return;
    }
    if (!(facts instanceof Promise)) this.#given(attempt, facts);
    else {
      const no = (cause: unknown): void => this.#noAnswer(attempt, cause);
      whileOpen(this.#call, facts, (later) => this.#given(attempt, later), no);
    }
  }

  #given(attempt: Attempt, facts: AnswerFacts | null): void {
    if (this.#rescue !== null) this.#rescued(this.#rescue, attempt);
    attempt.served();
    this.#settle(attempt, attempt.status, null, facts);
  }

  #noAnswer(attempt: Attempt, cause: unknown): void {
    const error = asGatewayError(cause);
    attempt.record.errorType = error.errorType;
    this.failed(attempt, error);
  }

  openStream(attempt: Attempt, headers: UpstreamHeaders): StreamRelay {
    this.#hedge?.turnTo(attempt);
    const spare = this.#onward.left > 0;
    const gated = spare || this.#call.plan!.gate === true || this.#hedge !== null;
    return openAnswer(this.#call, this.delivery, this.leg!, attempt, headers, this.#rescue, spare, gated);
  }

  stalled(error: GatewayError): boolean {
    const { target } = this.leg!;
    if (!this.#call.sink.committed) return false;
    if (rescuePolicy(this.#call, this.#onward.left > 0) === 'error') return true;
    return this.#mayResume(target, error) && this.delivery.position(target) !== null;
  }

  streamed(attempt: Attempt): void {
    if (this.#rescue === null) this.delivery.end();
    else this.#rescued(this.#rescue, attempt);
    attempt.served();
    this.#settle(attempt, this.delivery.status, null, this.delivery.received);
  }

  /** A stream that broke off was told whole. */
  #rescued(rescue: Rescue, { target }: Attempt): void {
    this.delivery.end(rescueNote(rescue, target));
    this.#call.rescued = rescue.manner;
    this.#deps.rescued(rescue.from, rescue.manner);
  }

  closed(): void {
    releaseBody(this.#call);
  }

  // -- Cancellable

  cancel(reason: GatewayError): void {
    const call = this.#call;
    this.#repeats?.cancel();
    this.#hedge?.cancel(reason.errorType);
    this.leg?.cancel();
    this.delivery.cancel();
    const attempt = this.attempt;
    // It may have been the one that finds out whether its target is well again.
    if (attempt !== null) attempt.target.cell.released(this.#deps.clocks.now());
    attempt?.cancel(reason.errorType);
    const facts = this.#known;
    if (reason.kind === 'cancelled') this.#settle(attempt, 499, reason, facts);
    else if (call.sink.committed) this.#break(attempt, reason);
    else {
      attempt?.account(facts);
      this.#deps.refuse(call, reason, this.leg?.target);
    }
  }

  /** Ends an answer of which a part has gone out: with a word of why, where what it is has room for one. */
  #break(attempt: Attempt | null, error: GatewayError): void {
    const delivery = this.delivery;
    const facts = this.#known;
    const bytes = this.#call.operation!.answer === 'bytes';
    if (!bytes) delivery.break(error, delivery.sequence ?? this.#rescue?.position.marks.sequence);
    this.#settle(attempt, delivery.status, error, facts);
    // Cut off, so that nobody takes it for whole.
    if (bytes) this.#call.sink.cut();
  }

  /** What is known of all that the client received. */
  get #known(): AnswerFacts | null {
    return this.delivery.received ?? this.#rescue?.facts ?? null;
  }

  #settle(
    attempt: Attempt | null,
    status: number,
    error: GatewayError | null,
    facts: AnswerFacts | null,
  ): void {
    attempt?.account(this.#rescue === null ? facts : this.delivery.facts);
    this.#deps.settle(this.#call, { status, error, facts });
  }
}
