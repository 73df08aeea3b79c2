// Two legs of one call under way at once. The dispatch holds one of them, the one of the moment; the other waits here, and they
// change places when something happens to it. Each has a delivery of its own, whose head is held until content comes, so that
// nothing has reached the client while there are two.
import type { Admission } from '../../contracts/admission.ts';
import type { Call } from '../../contracts/call.ts';
import type { Attempt } from './attempt.ts';
import type { Delivery } from './delivery.ts';
import type { DispatchDeps } from './dispatch-deps.ts';
import type { Leg } from './leg.ts';

/** Error type of an attempt that was beaten by the other one. */
const BEATEN = 'policy_hedged';

/** Where the leg of the moment stands: the dispatch. */
export interface Lead {
  leg: Leg | null;
  attempt: Attempt | null;
  delivery: Delivery;
}

/** A leg under way, with what the call says of it. */
export class Racer {
  readonly leg: Leg;
  readonly attempt: Attempt;
  readonly delivery: Delivery;
  readonly #dropped: readonly string[];
  readonly #adapted: readonly string[];

  constructor(call: Call, { leg, attempt, delivery }: Lead) {
    this.leg = leg!;
    this.attempt = attempt!;
    this.delivery = delivery;
    this.#dropped = call.dropped;
    this.#adapted = call.adapted;
  }

  /** What the call says of where it is, is of this leg. */
  stand(call: Call): void {
    const { target, translated } = this.leg;
    call.provider = target.provider.name;
    call.upstreamModel = target.model;
    call.translated = translated;
    call.dropped = this.#dropped;
    call.adapted = this.#adapted;
  }
}

/** The attempt of a leg is over and the call is not: what it used is accounted, and it holds nothing of its limits any more. */
export function accountLeg(
  admission: Pick<Admission, 'leaveTarget'>,
  leg: Leg,
  attempt: Attempt,
  delivery: Delivery,
): void {
  attempt.account(delivery.facts);
  delivery.forget();
  if (leg.hold !== null) admission.leaveTarget(leg.hold);
  leg.hold = null;
}

export class Race {
  /** Not the one of the moment; null once it is over. */
  other: Racer | null;
  readonly #deps: Pick<DispatchDeps, 'admission' | 'clocks'>;
  readonly #call: Call;
  readonly #lead: Lead;

  /** The second is the one of the moment as soon as it is sent. */
  constructor(deps: Pick<DispatchDeps, 'admission' | 'clocks'>, call: Call, lead: Lead, first: Racer) {
    this.#deps = deps;
    this.#call = call;
    this.#lead = lead;
    this.other = first;
  }

  /** Makes `attempt` the one of the moment. */
  turnTo(attempt: Attempt): void {
    const { other } = this;
    if (other === null || other.attempt !== attempt) return;
    this.other = new Racer(this.#call, this.#lead);
    this.#stand(other);
  }

  /** `attempt` is first. @returns the other, aborted and accounted; null = there was none any more. */
  end(attempt: Attempt, now: number): Attempt | null {
    this.turnTo(attempt);
    return this.cancel(BEATEN, now);
  }

  /** The one of the moment is over. @returns whether the other goes on in its place. */
  goOn(): boolean {
    const { other } = this;
    if (other === null) return false;
    this.other = null;
    this.#stand(other);
    return true;
  }

  /** Aborts the other one; what it used is accounted, and it holds nothing of its limits any more. */
  cancel(errorType: string, now: number): Attempt | null {
    const { other } = this;
    if (other === null) return null;
    this.other = null;
    const { leg, attempt, delivery } = other;
    // It may have been the one that finds out whether its target is well again.
    attempt.target.cell.released(now);
    // Its waiting was the other one's too.
    const { waitedMs } = this.#call;
    attempt.cancel(errorType);
    this.#call.waitedMs = waitedMs;
    accountLeg(this.#deps.admission, leg, attempt, delivery);
    return attempt;
  }

  #stand(racer: Racer): void {
    racer.stand(this.#call);
    this.#lead.leg = racer.leg;
    this.#lead.attempt = racer.attempt;
    this.#lead.delivery = racer.delivery;
  }
}
