// A worker's part of one bucket: what it has leased and not spent, and what it last heard of the rest. No I/O here: what
// goes back to the authority is handed to the caller.
import type { Bucket, Grant, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { leaseSize } from '../limits/lease.ts';
import { isOfCaller } from '../limits/rule-match.ts';
import type { BudgetTally } from './budget-tally.ts';
import type { RuleMeter } from './meter.ts';

/** A refusal is believed for so long at most: others may have given something back meanwhile. */
const BELIEVE_MS = 100;
/** Share of a budget from which on all of its calls ask. */
const SCARCE = 0.1;
/** What was granted without the owner of the counters may be in a lease for so long. */
const UNBOOKED_MS = 10_000;
/** A slot may come free at any moment. */
const BELIEVE_SLOTS_MS = 20;

export class LocalBucket {
  readonly bucket: Bucket;
  readonly rule: LimitRule;
  readonly meter: RuleMeter;
  /** Who it is leased from: also after a reload that moved the counters. */
  readonly authority: LimitAuthority;
  readonly slots: boolean;
  /** What is spent of a budget: no time brings it back. */
  readonly cost: boolean;
  /** Of a budget's window: when it ends, ms since 1970; 0 = never. */
  readonly endsAtMs: number;
  /** Hears of a budget what is told of it. */
  readonly tally: BudgetTally | null;
  /** A client is told how it stands. */
  readonly told: boolean;
  /** The limit, as a header says it. */
  readonly limitText: string;
  /** Something of it may lie in a lease, and is looked after (leases.ts). */
  watched = false;
  /** An ask for more is on its way. */
  refilling = false;
  readonly #holders: () => number;
  #leaseFor = 0;
  #lease = 0;
  #available = 0;
  /** Of slots: which grant each idle one came from, so that it can be given back by name. */
  readonly #idle: string[] = [];
  #expiresAt = 0;
  /** From here on a lease in use is renewed: calls that come behind its end would all have to ask, and wait. */
  #renewAt = 0;
  /** A lease with more than that left, and not to be renewed yet, is looked at no closer; set with each grant. */
  #plenty = Number.POSITIVE_INFINITY;
  /** No call of so many units or more is admitted before then. */
  #blockedNeed = 0;
  #blockedUntil = 0;
  #admittedAt = 0;
  #remaining: number;
  #heardAt = 0;
  #fullAt = 0;
  #unbookedUntil = 0;

  /** @param holders how many share the limit at the moment. */
  constructor(
    bucket: Bucket,
    holders: () => number,
    authority: LimitAuthority,
    meter: RuleMeter,
    tally: BudgetTally | null = null,
  ) {
    this.tally = tally;
    this.bucket = bucket;
    this.rule = bucket.rule;
    this.meter = meter;
    this.authority = authority;
    this.#holders = holders;
    this.slots = bucket.rule.dimension === 'concurrent';
    this.cost = bucket.rule.dimension === 'cost';
    this.told = isOfCaller(bucket.rule);
    this.endsAtMs = bucket.rule.endsAtMs ?? 0;
    this.limitText = String(bucket.rule.limit);
    this.#remaining = this.slots || this.cost ? bucket.rule.limit : bucket.rule.burst;
  }

  /** Units this worker may hold unspent; 0 = every call asks. */
  get lease(): number {
    const holders = this.#holders();
    if (holders !== this.#leaseFor) {
      this.#leaseFor = holders;
      this.#lease = leaseSize(this.rule, holders);
    }
    return this.#lease;
  }

  /** Units not spent: of slots, those that idle. */
  get available(): number {
    return this.slots ? this.#idle.length : this.#available;
  }

  covers(units: number, now: number): boolean {
    return this.available >= units && now < this.#expiresAt;
  }

  /** @returns the grant a slot came from; '' for rates. */
  spend(units: number): string {
    if (this.slots) return this.#idle.pop()!;
    this.#available -= units;
    return '';
  }

  /** Whether a lease is worth taking beside `units` for a call: of a budget not one that covers no call, nor of its last part. */
  leases(units: number): boolean {
    if (!this.cost) return true;
    const scarce = this.#heardAt > 0 && this.#remaining < this.rule.limit * SCARCE;
    return units <= this.lease && !scarce;
  }

  /** All that is here of a lease: spent. */
  takeRest(now: number): number {
    if (now >= this.#expiresAt) return 0;
    const units = this.#available;
    this.#available = 0;
    return units;
  }

  /** True when its owner knows of all that is spent from here: of what it does not know nothing comes back from it. */
  booked(now: number): boolean {
    return now >= this.#unbookedUntil;
  }

  /** True when more should be fetched before what is there is used up or expires. */
  isLow(now: number): boolean {
    if (now < this.#renewAt && this.available > this.#plenty) return false;
    if (this.refilling || now < this.#blockedUntil || !this.leases(1)) return false;
    return this.available <= this.lease / 2 || now >= this.#renewAt;
  }

  /** A grant came: what the call at hand does not need is for those behind it. */
  granted(grant: Grant, spare: number, token: string, now: number): void {
    this.#heard(grant, now);
    this.#blockedUntil = 0;
    if (grant.degraded === true) this.#unbookedUntil = now + UNBOOKED_MS;
    if (spare <= 0) return;
    // Calls that ended while it was asked for have filled the lease: what is over goes back at once.
    const kept = Math.min(spare, Math.max(0, this.lease - this.available));
    this.#giveBack(spare - kept, token);
    this.#keep(kept, token);
    this.#expiresAt = now + grant.lifeMs;
    this.#renewAt = now + grant.lifeMs / 2;
    this.#plenty = this.lease / 2;
  }

  /** A question was refused, by this bucket or, with no wait here, by another one. */
  refused(grant: Grant, need: number, now: number): void {
    this.#heard(grant, now);
    if (!(grant.retryAfterMs > 0)) return;
    this.#admittedAt = now + grant.retryAfterMs;
    this.#blockedNeed = need;
    this.#blockedUntil = now + Math.min(grant.retryAfterMs, this.slots ? BELIEVE_SLOTS_MS : BELIEVE_MS);
  }

  /** ms until `units` could be admitted, as far as is known here; 0 = worth asking. */
  blockedMs(units: number, now: number): number {
    if (now >= this.#blockedUntil || units < this.#blockedNeed) return 0;
    if (this.cost) return this.#admittedAt - now;
    const { burst, spacingMs } = this.rule;
    const more = Math.min(units, burst) - Math.min(this.#blockedNeed, burst);
    return Math.max(1, this.#admittedAt - now + Math.max(0, more) * spacingMs);
  }

  /** True when it was heard a moment ago that so many are there: no reason to ask for a call that others refuse. */
  surelyHas(units: number, now: number): boolean {
    if (this.#heardAt === 0 || now - this.#heardAt > (this.slots ? BELIEVE_SLOTS_MS : BELIEVE_MS))
      return false;
    return (
      this.#remaining + this.available >= (this.slots || this.cost ? units : Math.min(units, this.rule.burst))
    );
  }

  /**
   * Units of a rate or a budget come back unspent: kept as far as a lease goes, the rest goes to the authority.
   * @param token makes the name under which something goes
   */
  putBack(units: number, token: () => string, now: number): void {
    this.#blockedUntil = 0;
    const room = now < this.#expiresAt ? Math.max(0, this.lease - this.#available) : 0;
    const kept = Math.min(units, room);
    this.#available += kept;
    if (units <= kept) return;
    this.authority.giveBack(this.bucket, units - kept, token());
    if (this.cost) this.#remaining += units - kept;
  }

  /** More of a budget was used than was reserved: it is booked where it is counted, and what was heard of it is as much less. */
  overran(units: number): void {
    if (this.cost) this.#remaining -= units;
  }

  /** Likewise a slot. @param from the grant it came from */
  putBackSlot(from: string, now: number): void {
    this.#blockedUntil = 0;
    if (now < this.#expiresAt && this.lease > this.#idle.length) this.#idle.push(from);
    else this.authority.giveBack(this.bucket, 1, from);
  }

  expired(now: number): boolean {
    return now >= this.#expiresAt;
  }

  /** Everything unspent goes back. */
  returnAll(token: () => string): void {
    if (this.slots) {
      for (const from of this.#idle.splice(0)) this.#giveBack(1, from);
    } else if (this.#available > 0) {
      this.#giveBack(this.#available, token());
      this.#available = 0;
    }
  }

  #keep(units: number, token: string): void {
    if (!this.slots) this.#available += units;
    else for (let slot = 0; slot < units; slot++) this.#idle.push(token);
  }

  #giveBack(units: number, token: string): void {
    if (units <= 0) return;
    const { authority, bucket } = this;
    if (!this.slots) authority.giveBack(bucket, units, token);
    else for (let slot = 0; slot < units; slot++) authority.giveBack(bucket, 1, token);
  }

  /** What would be admitted now, as far as is known here. */
  left(now: number): number {
    if (this.cost) return Math.max(0, this.#remaining + this.#available);
    const refilled = this.#heardAt === 0 ? 0 : (now - this.#heardAt) / this.rule.spacingMs;
    return Math.min(this.rule.burst, this.#remaining + refilled + this.#available);
  }

  fullInMs(now: number): number {
    return Math.max(0, this.#fullAt - now);
  }

  #heard(grant: Grant, now: number): void {
    this.#remaining = grant.remaining;
    this.#fullAt = now + grant.resetMs;
    this.#heardAt = now;
  }
}
