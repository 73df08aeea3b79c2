// What one call, or one attempt of it, holds of its buckets.
//
//   asking --granted--> held --settle--> settled
//      |--refused--> refused      asking --settle (the client left)--> settled: what is granted later goes back
import type { Call } from '../contracts/call.ts';
import type { LimitHold } from '../contracts/limits.ts';
import { Claim } from './estate.ts';
import type { Matched } from './limit-plan.ts';
import type { LocalBucket } from './local-bucket.ts';

export type ReservationState = 'asking' | 'held' | 'refused' | 'settled';

export class Reservation extends Claim {
  readonly buckets: readonly LocalBucket[];
  /** Tokens reserved of each bucket that counts them. */
  readonly tokens: number;
  readonly prompt: number;
  readonly #call: Call;
  /** The grant of each slot, in the order of the buckets that count slots. */
  slots: string[] | null = null;
  state: ReservationState = 'asking';

  constructor(call: Call, buckets: readonly LocalBucket[], prompt: number, output: number) {
    super();
    this.#call = call;
    this.buckets = buckets;
    this.prompt = prompt;
    this.tokens = prompt + output;
  }

  produced(): number {
    return this.#call.contentEvents;
  }
}

/** Everything a call holds. */
export class Hold implements LimitHold {
  readonly matched: Matched;
  readonly prompt: number;
  readonly output: number;
  readonly own: Reservation;
  /** Of the provider that is being asked; null between attempts and where no rule is about providers. */
  target: Reservation | null = null;
  open = true;

  constructor(call: Call, matched: Matched, buckets: readonly LocalBucket[], prompt: number, output: number) {
    this.matched = matched;
    this.prompt = prompt;
    this.output = output;
    this.own = new Reservation(call, buckets, prompt, output);
  }
}
