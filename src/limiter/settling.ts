// Settles what a call, or an attempt of it, reserved: what was used is booked, the rest goes back where it came from.
import type { Clock } from '../contracts/ports.ts';
import { amountOf, unitsOf } from '../limits/need.ts';
import type { Leases } from './leases.ts';
import type { Reservation } from './reservation.ts';
import { tokensSpent, wasSent } from './spent.ts';

export class Settling {
  readonly #clock: Clock;
  readonly #leases: Leases;
  readonly #token: () => string;
  /** Of the reservation that is being settled: one for all. */
  readonly #spent = { requests: 0, tokens: 0, cost: 0 };

  /** @param token a new name for what goes back, unlike any other's. */
  constructor(clock: Clock, leases: Leases, token: () => string) {
    this.#clock = clock;
    this.#leases = leases;
    this.#token = token;
  }

  /** Of an attempt: by its own record. */
  target(target: Reservation): void {
    const { record } = target;
    if (record === null) this.settle(target, 0, 0, 0);
    else {
      const tokens = tokensSpent(record, target.prompt, target.output);
      this.settle(target, wasSent(record) ? 1 : 0, tokens, record.costNano ?? 0);
    }
  }

  /**
   * @param requests used of those reserved. @param tokens used, maybe beyond what was reserved, as is
   * @param cost in nanodollars
   */
  settle(
    reservation: Reservation,
    requests: number,
    tokens: number,
    cost: number,
    now = this.#clock.now(),
  ): void {
    const { state, buckets } = reservation;
    reservation.state = 'settled';
    if (state !== 'held') return;
    const spent = this.#spent;
    spent.requests = requests;
    spent.tokens = tokens;
    spent.cost = cost;
    const { estate } = reservation;
    const told = estate?.close(reservation) === true ? estate : null;
    let slot = 0;
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at]!;
      if (bucket.slots) {
        this.#leases.putBackSlot(bucket, reservation.slots![slot++]!, now);
        continue;
      }
      const reserved = unitsOf(reservation, bucket.rule);
      const used = amountOf(spent, bucket.rule.dimension);
      if (used > 0) bucket.tally?.used(bucket.bucket, used);
      bucket.authority.commit?.(bucket.bucket, Math.min(used, reserved));
      if (used < reserved) {
        // Who would give it back if we died is to hear first that we do so ourselves.
        if (told !== null)
          told.afterwards(() => this.#leases.putBack(bucket, reserved - used, this.#clock.now()));
        else this.#leases.putBack(bucket, reserved - used, now);
      } else if (used > reserved) {
        bucket.authority.giveBack(bucket.bucket, reserved - used, this.#token());
        bucket.overran(used - reserved);
      }
    }
  }
}
