// What one call, or one attempt of it, holds of its buckets.
//
//   asking --granted--> held --settle--> settled
//      |--refused--> refused      asking --settle (the client left)--> settled: what is granted later goes back
import type { TargetHold } from '../contracts/admission.ts';
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { LimitHold } from '../contracts/limits.ts';
import { Claim } from './estate.ts';
import type { Matched } from './limit-plan.ts';
import type { LocalBucket } from './local-bucket.ts';
import { tokensSpent } from './spent.ts';

export type ReservationState = 'asking' | 'held' | 'refused' | 'settled';

/** Reserved are its `requests` and `tokens`, of each bucket that counts them (limits/need.ts). */
export abstract class Reservation extends Claim {
  readonly buckets: readonly LocalBucket[];
  readonly requests = 1;
  readonly tokens: number;
  readonly prompt: number;
  /** The grant of each slot, in the order of the buckets that count slots. */
  slots: string[] | null = null;
  state: ReservationState = 'asking';

  constructor(buckets: readonly LocalBucket[], prompt: number, output: number) {
    super();
    this.buckets = buckets;
    this.prompt = prompt;
    this.tokens = prompt + output;
  }

  /** Estimate of the answer. */
  get output(): number {
    return this.tokens - this.prompt;
  }
}

/** Of the limits that do not depend on the provider: one for the whole call, whatever it tries. */
export class CallReservation extends Reservation {
  readonly #call: Call;

  constructor(call: Call, buckets: readonly LocalBucket[], prompt: number, output: number) {
    super(buckets, prompt, output);
    this.#call = call;
  }

  produced(): number {
    const { attempts } = this.#call;
    const last = attempts.length - 1;
    let sum = last < 0 ? 0 : attempts[last]!.contentEvents;
    for (let at = 0; at < last; at++) sum += tokensSpent(attempts[at]!, this.prompt, this.output);
    return sum;
  }
}

/** Of the limits of the provider that one attempt asks. */
export class TargetReservation extends Reservation implements TargetHold {
  record: AttemptRecord | null = null;
  /** The one before it in the same call. */
  readonly earlier: TargetReservation | null;

  constructor(buckets: readonly LocalBucket[], { own, newest }: Hold) {
    super(buckets, own.prompt, own.output);
    this.earlier = newest;
  }

  produced(): number {
    return this.record?.contentEvents ?? 0;
  }
}

/** Everything a call holds. */
export class Hold implements LimitHold {
  readonly matched: Matched;
  readonly own: CallReservation;
  /** Those of its attempts, settled ones too; null where no rule is about providers. */
  newest: TargetReservation | null = null;
  open = true;

  constructor(call: Call, matched: Matched, buckets: readonly LocalBucket[], prompt: number, output: number) {
    this.matched = matched;
    this.own = new CallReservation(call, buckets, prompt, output);
  }
}
