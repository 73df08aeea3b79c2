// A second leg for a call whose first token is late: when it starts, and what it is. It is opt-in and pays twice, so it starts
// only behind the model's own p95 (and a floor), only once for each call, only at a model that is well, and only within a budget.
// Who of the two is first the dispatch finds out: the other one is aborted then, and accounted like any attempt.
//
//   watching ── late, budget ──► making ── body, limits ──► racing (the dispatch has two legs)
//      └── answered, failed, refused ──► over                └── one is first, or failed ──► over
import type { Call } from '../../contracts/call.ts';
import type { HedgeConfig } from '../../contracts/alias-config.ts';
import type { RingKey } from '../../contracts/lane.ts';
import type { Target } from '../../contracts/plan.ts';
import type { HedgeBudget } from '../../routing/hedge-budget.ts';
import type { Timed } from '../clocks.ts';
import { admitLeg, type LegOwner } from './admit-leg.ts';
import type { Attempt } from './attempt.ts';
import { Delivery } from './delivery.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { HedgeMemory } from './hedge-memory.ts';
import { Leg } from './leg.ts';
import { type BodyOwner, makeBody } from './make-body.ts';
import type { Onward } from './onward.ts';
import { type Lead, Race, Racer } from './race.ts';

/** Operations whose request may be made twice at no other price than its own. */
const HEDGED: ReadonlySet<string> = new Set(['chat', 'completion', 'embeddings', 'rerank', 'moderation']);

/** Not where the provider keeps what it answers, nor where the call is one that waits for nobody. */
export function mayHedge(call: Call, { client, translated }: Leg): boolean {
  if (!HEDGED.has(call.operation!.name) || call.upload !== null || call.alone || call.kept !== null)
    return false;
  return translated || client.name !== 'openai-responses';
}

export interface HedgeHost extends Lead {
  /** Sends `leg`: it is the one of the moment then. */
  send(leg: Leg, fresh: boolean): Attempt;
}

/** For the call whose first leg `host` has just sent; null where it may not be sent twice. */
export function beginHedge(
  deps: DispatchDeps,
  memory: HedgeMemory,
  host: HedgeHost,
  call: Call,
  onward: Onward,
  rule: HedgeConfig,
): Hedge | null {
  return mayHedge(call, host.leg!) ? new Hedge(deps, memory, host, call, onward, rule) : null;
}

/** The model that is asked beside `first`; null = there is none that is well. */
function beside(call: Call, onward: Onward, first: Target): Target | null {
  // What stands behind them is for certain failures, and nothing has failed.
  if (call.plan!.kinds === undefined && onward.anyWarm) return onward.next();
  return first.cell.leftMs() === 0 ? first : null;
}

export class Hedge implements Timed, BodyOwner, LegOwner {
  slot = -1;
  readonly #deps: DispatchDeps;
  readonly #memory: HedgeMemory;
  readonly #host: HedgeHost;
  readonly #call: Call;
  readonly #onward: Onward;
  readonly #budget: HedgeBudget;
  /** The first. */
  readonly #leg: Leg;
  readonly #attempt: Attempt;
  /** Behind the sending; infinite where nobody knows what is late. */
  readonly #lateMs: number;
  /** While the second leg is made: what the call says of the first. */
  #first: Racer | null = null;
  #second: Leg | null = null;
  /** While two are under way, and behind that. */
  #race: Race | null = null;

  constructor(
    deps: DispatchDeps,
    memory: HedgeMemory,
    host: HedgeHost,
    call: Call,
    onward: Onward,
    rule: HedgeConfig,
  ) {
    this.#onward = onward;
    this.#deps = deps;
    this.#memory = memory;
    this.#host = host;
    this.#call = call;
    this.#leg = host.leg!;
    this.#attempt = host.attempt!;
    host.delivery.committing = (delivery) => this.#committing(delivery);
    this.#budget = memory.budget(call.model, rule);
    this.#budget.arrived();
    const { p95 } = memory.times(this.#leg.target, call.stream);
    this.#lateMs = p95 === null ? Number.POSITIVE_INFINITY : Math.max(rule.minMs, p95);
    if (p95 !== null) deps.clocks.watch(this);
  }

  // -- Timed

  tick(now: number): void {
    const call = this.#call;
    const { sentAt, headAt } = this.#attempt.record;
    if (headAt > 0 && !call.stream) {
      this.#deps.clocks.unwatch(this);
      return;
    }
    if (sentAt <= 0 || now - call.startedAt - sentAt < this.#lateMs) return;
    this.#deps.clocks.unwatch(this);
    const { target } = this.#leg;
    if (this.#deps.eased() || !this.#budget.take()) {
      this.#deps.hedged(target, 'withheld');
      return;
    }
    const other = beside(call, this.#onward, target);
    if (other === null) return;
    this.#first = new Racer(call, this.#host);
    other.cell.arrived(now);
    const second = new Leg(call, other, this.#leg.client);
    if (other === target) second.triedKeys = this.#keyBeside(target);
    this.#second = second;
    makeBody(this.#deps, call, second, null, this);
    // Until it is under way the first one stands for the call.
    if (this.#first !== null) this.#first.stand(call);
  }

  // -- BodyOwner

  made(leg: Leg): void {
    if (this.#second !== leg) return;
    admitLeg(this.#deps.admission, this.#call, leg, false, this);
  }

  unfit(): void {
    this.#giveUp();
  }

  // -- LegOwner

  admitted(leg: Leg): void {
    const first = this.#first;
    if (this.#second !== leg || first === null) {
      if (leg.hold !== null) this.#deps.admission.leaveTarget(leg.hold);
      return;
    }
    this.#first = null;
    this.#second = null;
    const delivery = new Delivery(this.#deps, this.#call, leg.client);
    delivery.committing = (committed) => this.#committing(committed);
    this.#race = new Race(this.#deps, this.#call, this.#host, first);
    this.#host.delivery = delivery;
    this.#host.send(leg, false);
  }

  refused(): void {
    this.#giveUp();
  }

  unknown(): void {
    this.#giveUp();
  }

  // -- for the host

  /** `attempt` is the one of the moment, where two are under way. */
  turnTo(attempt: Attempt): void {
    this.#first?.stand(this.#call);
    this.#race?.turnTo(attempt);
  }

  /** `attempt` is first: of it alone the client hears. */
  won(attempt: Attempt): void {
    this.#stop();
    const now = this.#deps.clocks.now();
    this.#learn(attempt, now);
    const beaten = this.#race?.end(attempt, now) ?? null;
    if (beaten === null) return;
    this.#learn(beaten, now);
    this.#deps.hedged(this.#leg.target, attempt === this.#attempt ? 'lost' : 'won');
  }

  /** `attempt` failed, and is accounted. @returns whether the other one goes on without it. */
  fell(attempt: Attempt): boolean {
    this.#stop();
    if (this.#race?.goOn() !== true) return false;
    this.#deps.hedged(this.#leg.target, attempt === this.#attempt ? 'won' : 'failed');
    return true;
  }

  /** The call ends. */
  cancel(errorType: string): void {
    this.#stop();
    this.#race?.cancel(errorType, this.#deps.clocks.now());
  }

  // -- inside

  /** Keys that a second attempt at the same target leaves alone: the one of the first, where another can take it. */
  #keyBeside({ lane, model }: Target): readonly RingKey[] {
    const { key } = this.#attempt;
    if (key === null) return [];
    const used = [key];
    return lane.keys.hasOther(model, used) ? used : [];
  }

  /** No second leg begins any more. */
  #stop(): void {
    this.#deps.clocks.unwatch(this);
    this.#second?.cancel();
    this.#giveUp();
  }

  #committing(delivery: Delivery): void {
    const other = this.#race?.other ?? null;
    const racer = other !== null && other.delivery === delivery ? other : this.#host;
    this.won(racer.attempt!);
  }

  /** It was the first, or was beaten after so long. */
  #learn({ target, record }: Attempt, now: number): void {
    if (record.sentAt <= 0) return;
    const { stream, startedAt } = this.#call;
    const at = !stream && record.headAt > 0 ? record.headAt : now - startedAt;
    this.#memory.times(target, stream).add(at - record.sentAt);
  }

  #giveUp(): void {
    const second = this.#second;
    if (second === null) return;
    second.target.cell.released(this.#deps.clocks.now());
    this.#second = null;
    this.#first?.stand(this.#call);
    this.#first = null;
  }
}
