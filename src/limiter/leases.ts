// What a worker has leased and not spent: fetched before its calls need it, given back when they did not in time.
import type { Grant } from '../contracts/limits.ts';
import type { Clock } from '../contracts/ports.ts';
import type { LocalBucket } from './local-bucket.ts';

/** How often unspent leases are looked through. */
const SWEEP_MS = 250;

export class Leases {
  readonly #clock: Clock;
  readonly #token: () => string;
  /** Buckets with something unspent. */
  readonly #held = new Set<LocalBucket>();
  #sweep: NodeJS.Timeout | null = null;

  /** @param token a new name for a question, unlike any other's. */
  constructor(clock: Clock, token: () => string) {
    this.#clock = clock;
    this.#token = token;
  }

  /**
   * Fetches the next lease before this one is used up.
   * @param failOpen a refusal of one who decides without the owner of the counters is believed
   */
  refill(bucket: LocalBucket, failOpen: boolean): void {
    const token = this.#token();
    const want = Math.max(1, bucket.lease - bucket.available);
    const { authority } = bucket;
    bucket.refilling = true;
    void authority.ask([{ bucket: bucket.bucket, need: 1, want }], token).then(([grant]) => {
      bucket.refilling = false;
      const now = this.#clock.now();
      if (grant === undefined) return;
      if (grant.granted > 0) this.granted(bucket, grant, grant.granted, token, now);
      else if (grant.degraded !== true || failOpen) bucket.refused(grant, 1, now);
    });
  }

  /** A grant came, of which `spare` units are for calls to come. */
  granted(bucket: LocalBucket, grant: Grant, spare: number, token: string, now: number): void {
    bucket.granted(grant, spare, token, now);
    if (spare <= 0) return;
    bucket.meter.refilled();
    this.#watch(bucket);
  }

  /** Units that a call did not use: kept as far as a lease goes. */
  putBack(bucket: LocalBucket, units: number, now: number): void {
    bucket.putBack(units, this.#token, now);
    if (!bucket.watched && bucket.available > 0) this.#watch(bucket);
  }

  /** Likewise a slot. @param from the grant it came from */
  putBackSlot(bucket: LocalBucket, from: string, now: number): void {
    bucket.putBackSlot(from, now);
    if (!bucket.watched && bucket.available > 0) this.#watch(bucket);
  }

  /** Gives back what the bucket holds unspent. */
  giveBack(bucket: LocalBucket): void {
    this.#unwatch(bucket);
    bucket.returnAll(this.#token);
  }

  returnAll(): void {
    for (const bucket of [...this.#held]) this.giveBack(bucket);
  }

  /** Looks through them no more. */
  close(): void {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#sweep = null;
  }

  #watch(bucket: LocalBucket): void {
    bucket.watched = true;
    this.#held.add(bucket);
    this.#sweep ??= setInterval(() => this.#returnExpired(), SWEEP_MS).unref();
  }

  #unwatch(bucket: LocalBucket): void {
    bucket.watched = false;
    this.#held.delete(bucket);
  }

  #returnExpired(): void {
    const now = this.#clock.now();
    for (const bucket of this.#held) {
      if (bucket.available === 0) this.#unwatch(bucket);
      else if (bucket.expired(now)) this.giveBack(bucket);
    }
    if (this.#held.size === 0) this.close();
  }
}
