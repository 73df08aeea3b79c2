// The books of the limits: what the primary of a machine owns in embedded mode. Pure: time comes in as an argument,
// members (workers) are numbers. Memory is bounded: buckets at rest are forgotten, and beyond the cap see bucket-table.ts.
import type { Grant, LimitDimension } from '../contracts/limits.ts';
import { BucketTable } from './bucket-table.ts';
import { book, fullInMs, type GcraState, giveBack, saneUnits, take, unitsLeft, waitMs } from './gcra.ts';
import { LEASE_LIFE_MS } from './lease.ts';

/** What the books need to know of a bucket: its id and the numbers of its rule. */
export interface BucketRef {
  id: string;
  dimension: LimitDimension;
  limit: number;
  spacingMs: number;
  burst: number;
  /** Which configuration the numbers are from; of two the later holds. */
  version: number;
}

export interface LedgerAsk {
  bucket: BucketRef;
  need: number;
  want: number;
}

interface Entry extends GcraState {
  ref: BucketRef;
  /** Slots in use or leased; rates keep their books in `tat`. */
  taken: number;
  /** By member: what it was granted and has neither given back nor committed. */
  readonly held: Map<number, number>;
}

/** A refused slot may come free at any moment: nobody can know when, so the guess is short. */
const SLOT_RETRY_MS = 1_000;
const MAX_BUCKETS = 100_000;
/** Answers remembered, so that the same question asked twice takes once. */
const MAX_TOKENS = 4_096;
/** How many buckets one question looks at for something to forget. */
const SWEEP_STEPS = 4;

export interface LedgerOptions {
  maxBuckets?: number;
}

export class LimitLedger {
  readonly #entries: BucketTable<Entry>;
  readonly #answers = new Map<string, readonly Grant[]>();
  #sweep: IterableIterator<[string, Entry]> | null = null;

  constructor(options: LedgerOptions = {}) {
    this.#entries = new BucketTable(options.maxBuckets ?? MAX_BUCKETS);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All or none. @param token of this member; asking again with it gives the same answer and takes nothing more. */
  ask(member: number, asks: readonly LedgerAsk[], token: string, now: number): readonly Grant[] {
    const key = `${member} ${token}`;
    const before = this.#answers.get(key);
    if (before !== undefined) return before;
    const entries = asks.map(({ bucket }) => this.#entry(bucket, now));
    const waits = asks.map(({ need }, at) => this.#waitOf(entries[at]!, need, now));
    const refused = waits.some((wait) => wait > 0);
    const grants = asks.map(({ need, want }, at): Grant => {
      const entry = entries[at]!;
      const granted = refused ? 0 : this.#take(entry, need, want, now);
      if (granted > 0) entry.held.set(member, (entry.held.get(member) ?? 0) + granted);
      return { granted, retryAfterMs: waits[at]!, ...this.#standing(entry, now) };
    });
    this.#remember(key, grants);
    this.#forgetSome(now);
    return grants;
  }

  /** Takes back what a member did not use, or books what was used beyond its grant (negative). */
  giveBack(member: number, bucket: BucketRef, amount: number, now: number): void {
    if (!(Math.abs(amount) > 0)) return;
    const entry = this.#entry(bucket, now);
    if (amount < 0) {
      if (bucket.dimension !== 'concurrent') book(entry, entry.ref, now, -amount);
      return;
    }
    // No more than it holds: a second give-back of the same units must not make room for others.
    const back = Math.min(amount, entry.held.get(member) ?? 0);
    this.#lower(entry, member, back);
    this.#free(entry, back);
  }

  /** A member used `amount` for good: it does not come back when the member dies. */
  commit(member: number, bucketId: string, amount: number): void {
    const entry = this.#entries.peek(bucketId);
    if (entry === undefined || entry.ref.dimension === 'concurrent') return;
    this.#lower(entry, member, saneUnits(amount, Number.MAX_SAFE_INTEGER));
  }

  /** The member is gone: its slots, its unspent leases and what its calls had reserved are free at once. */
  leave(member: number): void {
    for (const entry of this.#entries.values()) {
      const held = entry.held.get(member);
      if (held === undefined) continue;
      entry.held.delete(member);
      this.#free(entry, held);
    }
  }

  /** Slots taken of a bucket, for tests and the health page. */
  taken(bucketId: string): number {
    return this.#entries.peek(bucketId)?.taken ?? 0;
  }

  #entry(ref: BucketRef, now: number): Entry {
    const known = this.#entries.use(ref.id);
    if (known !== undefined) {
      if (ref.version > known.ref.version) renumber(known, ref, now);
      return known;
    }
    const entry: Entry = { ref, tat: now, taken: 0, held: new Map() };
    this.#entries.add(ref.id, entry);
    return entry;
  }

  #waitOf({ ref, taken, tat }: Entry, need: number, now: number): number {
    if (ref.dimension === 'concurrent') return taken + need <= ref.limit ? 0 : SLOT_RETRY_MS;
    return waitMs({ tat }, ref, now, need);
  }

  #take(entry: Entry, need: number, want: number, now: number): number {
    const { ref } = entry;
    if (ref.dimension !== 'concurrent') return take(entry, ref, now, need, want);
    const granted = Math.max(need, Math.min(want, ref.limit - entry.taken));
    entry.taken += granted;
    return granted;
  }

  #standing(entry: Entry, now: number): Pick<Grant, 'remaining' | 'resetMs' | 'lifeMs'> {
    const { ref } = entry;
    const slots = ref.dimension === 'concurrent';
    return {
      remaining: slots ? Math.max(0, ref.limit - entry.taken) : unitsLeft(entry, ref, now),
      resetMs: slots ? 0 : fullInMs(entry, now),
      lifeMs: LEASE_LIFE_MS,
    };
  }

  #lower(entry: Entry, member: number, amount: number): void {
    const held = entry.held.get(member);
    if (held === undefined) return;
    if (held > amount) entry.held.set(member, held - amount);
    else entry.held.delete(member);
  }

  #free(entry: Entry, amount: number): void {
    if (entry.ref.dimension === 'concurrent') entry.taken = Math.max(0, entry.taken - amount);
    else giveBack(entry, entry.ref, amount);
  }

  #remember(key: string, grants: readonly Grant[]): void {
    this.#answers.set(key, grants);
    if (this.#answers.size <= MAX_TOKENS) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  /** A full bucket that nobody holds anything of is the same as none. */
  #forgetSome(now: number): void {
    for (let step = 0; step < SWEEP_STEPS; step++) {
      this.#sweep ??= this.#entries.entries();
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = null;
        return;
      }
      const [id, entry] = next.value;
      if (entry.taken === 0 && entry.held.size === 0 && entry.tat <= now) this.#entries.delete(id);
    }
  }
}

/**
 * A reload changed the numbers. What was used stays used, in units: a client that had nothing left has the difference
 * when its limit is raised, and waits for the next unit, not longer, when it is lowered.
 */
function renumber(entry: Entry, ref: BucketRef, now: number): void {
  const before = entry.ref;
  entry.ref = ref;
  if (ref.spacingMs === before.spacingMs || entry.tat <= now || !(before.spacingMs > 0)) return;
  const units = (entry.tat - now) / before.spacingMs;
  // What calls used beyond what they were admitted for is still waited for.
  const beyond = Math.max(0, units - before.burst);
  entry.tat = now + Math.min(units, ref.burst + beyond) * ref.spacingMs;
}
