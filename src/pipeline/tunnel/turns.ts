// The turns of a session, each a call of its own to limits, metrics, log and prices: it begins with the client's
// `response.create`, or with the answer that the provider begins by itself, and is settled by the usage that ends it.

import { formFacts } from '../../body/form-facts.ts';
import type { Admission, Admitted, TargetHold } from '../../contracts/admission.ts';
import { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import { EMPTY_FLOW } from '../../contracts/empty-flow.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { GuardrailOutcome } from '../../contracts/outcomes.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Clock } from '../../contracts/ports.ts';
import type { Price } from '../../contracts/price.ts';
import { chargeAttempt } from '../../prices/attempt-charge.ts';
import { operations } from '../../registry/operations.ts';
import { BackgroundSink } from '../background-sink.ts';
import { newRecord } from '../dispatch/attempt-record.ts';
import type { Settle } from '../settle.ts';

export interface TurnDeps {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly settle: Settle;
}

/** What a clock that was read twice at once differs by. */
const LEAST_MS = 0.001;

export class Turns {
  readonly #deps: TurnDeps;
  readonly #session: Call;
  readonly #target: Target;
  readonly #keyAlias: string;
  /** In the order their answers come. */
  readonly #open: Call[] = [];
  /** Of them, those whose answer has begun. */
  #begun = 0;
  /** Those of which nobody knows yet whether the limits have room for them. */
  readonly #asking = new Map<Call, Promise<GatewayError | null>>();
  #made = 0;

  constructor(deps: TurnDeps, session: Call, target: Target, keyAlias: string) {
    this.#deps = deps;
    this.#session = session;
    this.#target = target;
    this.#keyAlias = keyAlias;
  }

  get running(): boolean {
    return this.#open.length > 0;
  }

  /** The client asks for one. @returns null: it may begin; else why not, and it is over. */
  want(): Admitted {
    return this.#admit(this.#add());
  }

  /**
   * The provider begins an answer.
   * @returns null: it was asked for, or has its place in the limits now; else why it is to be cancelled, and it is over.
   */
  begins(): Admitted {
    const asked = this.#open[this.#begun];
    const turn = asked ?? this.#add();
    this.#begun++;
    turn.firstByteAt = this.#deps.clock.now();
    const record = turn.attempts[0]!;
    record.headAt = turn.firstByteAt - turn.startedAt;
    record.status = 200;
    return asked === undefined ? this.#admit(turn) : null;
  }

  /** @param outcomes of guardrails that looked at it; null = none did. */
  done(facts: AnswerFacts, outcomes: GuardrailOutcome[] | null): void {
    const turn = this.#open.shift();
    if (turn === undefined) return;
    turn.guardrails = outcomes;
    this.#begun = Math.max(0, this.#begun - 1);
    const settle = (): void => {
      if (!turn.settled) this.#settle(turn, facts, this.#target.price);
    };
    const asking = this.#asking.get(turn);
    if (asking === undefined) settle();
    else void asking.then(settle);
  }

  /** What was said was written down by a model of the same provider: a call of its own, which nobody could refuse any more. */
  heard(facts: AnswerFacts, model: string): void {
    if (facts.usage === null && facts.quantities === undefined) return;
    const turn = this.#turn();
    const record = turn.attempts[0]!;
    record.sentAt = LEAST_MS;
    record.status = 200;
    const { snapshot, route } = this.#session;
    const { name } = this.#target.provider;
    const found =
      model === '' ? null : snapshot.models.plan(model, route.dialect, name, operations.transcription);
    const target = found?.targets.find(({ provider }) => provider.name === name) ?? null;
    if (model !== '') {
      turn.facts!.model = model;
      turn.upstreamModel = model;
      record.model = model;
    }
    const admitted = this.#deps.admission.admit(turn);
    const settle = (): void => this.#settle(turn, facts, target?.price ?? null);
    if (admitted instanceof Promise) void admitted.then(settle);
    else settle();
  }

  #settle(turn: Call, facts: AnswerFacts, price: Price | null): void {
    const record = turn.attempts[0]!;
    record.endAt = this.#deps.clock.now() - turn.startedAt;
    record.usage = facts.usage;
    record.quantities = facts.quantities ?? null;
    chargeAttempt(record, price, turn, 0);
    turn.waitedMs = record.endAt;
    this.#deps.settle(turn, { status: 200, error: null, facts });
  }

  /** Those that run are over, and what they used nobody says. */
  endAll(error: GatewayError): void {
    for (const turn of this.#open.splice(0)) {
      const record = turn.attempts[0]!;
      record.errorType = error.errorType;
      chargeAttempt(record, this.#target.price, turn, 0);
      this.#deps.settle(turn, { status: error.status, error, facts: null });
    }
    this.#begun = 0;
  }

  #add(): Call {
    const turn = this.#turn();
    this.#open.push(turn);
    return turn;
  }

  /** It is one of the open ones until it is known. Where it is over before, it is settled when it is known. */
  #admit(turn: Call): Admitted {
    const decide = (error: GatewayError | null): GatewayError | null => {
      if (turn.settled) return null;
      if (error === null) {
        // Never 0, which means that it did not go out.
        turn.attempts[0]!.sentAt = Math.max(LEAST_MS, this.#deps.clock.now() - turn.startedAt);
        return null;
      }
      const at = this.#open.indexOf(turn);
      if (at !== -1) this.#open.splice(at, 1);
      turn.attempts[0]!.costNano = 0;
      if (at !== -1 && at < this.#begun) this.#begun--;
      this.#deps.settle(turn, { status: error.status, error, facts: null });
      return error;
    };
    const admitted = this.#deps.admission.admit(turn);
    const next = (error: GatewayError | null): Admitted =>
      error === null ? this.#admitTarget(turn, decide) : decide(error);
    const result = admitted instanceof Promise ? admitted.then(next) : next(admitted);
    if (result instanceof Promise) {
      this.#asking.set(turn, result);
      void result.then(() => this.#asking.delete(turn));
    }
    return result;
  }

  /** Of the provider's limits too. */
  #admitTarget(turn: Call, decide: (error: GatewayError | null) => GatewayError | null): Admitted {
    const take = (result: TargetHold | GatewayError | null): GatewayError | null => {
      if (result instanceof GatewayError) return decide(result);
      if (result !== null) result.record = turn.attempts[0]!;
      return decide(null);
    };
    const admitted = this.#deps.admission.admitTarget(turn, this.#target);
    return admitted instanceof Promise ? admitted.then(take) : take(admitted);
  }

  #turn(): Call {
    const { head, route, params, prefix, snapshot, principal, customer, plan, model } = this.#session;
    const id = `${this.#session.id.slice(0, 110)}.${(++this.#made).toString(36)}`;
    const now = this.#deps.clock.now();
    const turn = new Call(id, head, route, params, prefix, new BackgroundSink(), snapshot, EMPTY_FLOW, now);
    turn.parent = this.#session.id;
    turn.principal = principal;
    turn.customer = customer;
    turn.plan = plan;
    turn.model = model;
    turn.facts = formFacts(this.#target.model, null);
    turn.facts.stream = true;
    turn.provider = this.#target.provider.name;
    turn.upstreamModel = this.#target.model;
    const record = newRecord(this.#target, 0);
    record.keyAlias = this.#keyAlias;
    turn.attempts.push(record);
    return turn;
  }
}
