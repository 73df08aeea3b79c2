// The books of the limits: what the primary of a machine owns in embedded mode. Pure: time comes in as an argument,
// members (workers) are numbers. Memory is bounded: buckets at rest are forgotten, and beyond the cap see bucket-table.ts.
import type { Grant, LimitDimension } from '../contracts/limits.ts';
import { BucketTable } from './bucket-table.ts';
import { LEASE_LIFE_MS } from './lease.ts';
import {
  drain,
  meterBack,
  meterBook,
  meterLeft,
  meterPace,
  meterTake,
  mostUnits,
  wholeUnits,
} from './meter.ts';
import { OwingRow } from './owing-row.ts';
import { pacedWaitUs, repace } from './repace.ts';

/** What the books need to know of a bucket: its id and the numbers of its rule. */
export interface BucketRef {
  id: string;
  dimension: LimitDimension;
  limit: number;
  spacingMs: number;
  burst: number;
  /** Of a budget's window: when it ends, ms since 1970; 0 = never, and of all else. */
  endsAtMs?: number | undefined;
  /** Which configuration the numbers are from; of two the later holds. */
  version: number;
}

export interface LedgerAsk {
  bucket: BucketRef;
  need: number;
  want: number;
}

/** One owner reloads once: new numbers need not stand before what they no longer allow is let off. */
const STANDS_US = 0;

class Entry extends OwingRow {
  ref: BucketRef;
  /** By member: what it was granted and has neither given back nor committed. */
  readonly held = new Map<number, number>();

  constructor(ref: BucketRef, nowUs: number) {
    super(meterPace(ref), nowUs);
    this.ref = ref;
  }
}

/** A refused slot may come free at any moment: nobody can know when, so the guess is short. */
const SLOT_RETRY_MS = 1_000;
const MAX_BUCKETS = 100_000;
/** Answers remembered, so that the same question asked twice takes once. */
const MAX_TOKENS = 4_096;
/** How many buckets one question looks at for something to forget. */
const SWEEP_STEPS = 4;

/** So long after the end of a window its last calls may still be settled. */
const SETTLED_MS = 3_600_000;

/** What is spent of a window of a budget. */
export interface SpentRow {
  readonly id: string;
  /** Whole nanodollars that were used; what calls under way have reserved is not among them. */
  readonly nano: number;
  /** ms since 1970; 0 = never. */
  readonly endsAtMs: number;
}

export interface LedgerOptions {
  maxBuckets?: number;
  /** ms since 1970: which windows of budgets are over. Absent: none is forgotten. */
  wall?: () => number;
}

export class LimitLedger {
  readonly #entries: BucketTable<Entry>;
  readonly #answers = new Map<string, readonly Grant[]>();
  readonly #wall: () => number;
  #sweep: IterableIterator<[string, Entry]> | null = null;

  constructor(options: LedgerOptions = {}) {
    this.#entries = new BucketTable(options.maxBuckets ?? MAX_BUCKETS);
    this.#wall = options.wall ?? (() => 0);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** All or none. @param token of this member; asking again with it gives the same answer and takes nothing more. */
  ask(member: number, asks: readonly LedgerAsk[], token: string, now: number): readonly Grant[] {
    const key = `${member} ${token}`;
    const before = this.#answers.get(key);
    if (before !== undefined) return before;
    const nowUs = microseconds(now);
    const entries = asks.map(({ bucket }) => this.#entry(bucket, nowUs));
    const waits = asks.map(({ need }, at) => this.#waitOf(entries[at]!, need, nowUs));
    const refused = waits.some((wait) => wait > 0);
    const grants = asks.map(({ need, want }, at): Grant => {
      const entry = entries[at]!;
      const granted = refused ? 0 : this.#take(entry, need, want);
      if (granted > 0) entry.held.set(member, (entry.held.get(member) ?? 0) + granted);
      return { granted, retryAfterMs: waits[at]!, ...this.#standing(entry) };
    });
    this.#remember(key, grants);
    this.#forgetSome(nowUs);
    return grants;
  }

  /** Takes back what a member did not use, or books what was used beyond its grant (negative). */
  giveBack(member: number, bucket: BucketRef, amount: number, now: number): void {
    if (!(Math.abs(amount) > 0)) return;
    const entry = this.#entry(bucket, microseconds(now));
    if (amount < 0) {
      if (bucket.dimension !== 'concurrent')
        meterBook(entry, entry.pace, wholeUnits(-amount, mostUnits(entry.pace)));
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
    this.#lower(entry, member, wholeUnits(amount, mostUnits(entry.pace)));
  }

  /** It was used beyond all that was granted. */
  overran(bucketId: string, amount: number): void {
    const entry = this.#entries.peek(bucketId);
    if (entry === undefined || entry.ref.dimension === 'concurrent') return;
    meterBook(entry, entry.pace, wholeUnits(amount, mostUnits(entry.pace)));
  }

  /** What was spent of a budget is found to be more, or (below 0) less; what calls hold of it stays theirs. */
  correct(bucket: BucketRef, nano: number, now: number): void {
    if (bucket.dimension !== 'cost') return;
    const entry = this.#entry(bucket, microseconds(now));
    if (nano >= 0) {
      meterBook(entry, entry.pace, wholeUnits(nano, mostUnits(entry.pace)));
      return;
    }
    meterBack(entry, entry.pace, Math.min(-nano, Math.max(0, usedOf(entry))));
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

  /** What is spent of budgets, for who keeps it over a restart. */
  *spent(): Generator<SpentRow> {
    for (const entry of this.#entries.values()) {
      const { ref } = entry;
      if (ref.dimension !== 'cost') continue;
      const nano = usedOf(entry);
      if (nano > 0) yield { id: ref.id, nano, endsAtMs: ref.endsAtMs ?? 0 };
    }
  }

  /** What is booked of a budget: what was used, and what members hold, for calls under way or for the next ones. */
  booked(bucketId: string): { spent: number; held: number } {
    const entry = this.#entries.peek(bucketId);
    if (entry === undefined) return { spent: 0, held: 0 };
    const spent = usedOf(entry);
    return { spent, held: entry.debtUs - spent };
  }

  /** Before anything is asked: that was spent before. */
  restore(rows: Iterable<SpentRow>, now: number): void {
    for (const { id, nano, endsAtMs } of rows) {
      // The amount is that of who asks first: any configuration is later than this one.
      const numbers = { limit: 0, spacingMs: 0, burst: 0, version: -1 };
      const entry = this.#entry({ id, dimension: 'cost', endsAtMs, ...numbers }, microseconds(now));
      meterBook(entry, entry.pace, nano);
    }
  }

  /** Slots taken of a bucket, for tests and the health page. */
  taken(bucketId: string): number {
    return this.#entries.peek(bucketId)?.taken ?? 0;
  }

  /** Drained, and in the numbers of the latest configuration. */
  #entry(ref: BucketRef, nowUs: number): Entry {
    let entry = this.#entries.use(ref.id);
    if (entry === undefined) {
      entry = new Entry(ref, nowUs);
      this.#entries.add(ref.id, entry);
      return entry;
    }
    const later = ref.version > entry.ref.version;
    if (later) entry.ref = ref;
    if (entry.ref.dimension === 'concurrent') return entry;
    drain(entry, nowUs, entry.pace);
    if (later || entry.excessUs > 0) repace(entry, later ? meterPace(ref) : entry.pace, nowUs, STANDS_US);
    return entry;
  }

  /** ms until `need` is there; 0 = now. */
  #waitOf(entry: Entry, need: number, nowUs: number): number {
    const { ref, taken } = entry;
    if (ref.dimension === 'concurrent') return taken + need <= ref.limit ? 0 : SLOT_RETRY_MS;
    return pacedWaitUs(entry, entry.pace, wholeUnits(need, mostUnits(entry.pace)), nowUs, STANDS_US) / 1000;
  }

  #take(entry: Entry, need: number, want: number): number {
    const { ref } = entry;
    if (ref.dimension !== 'concurrent')
      return meterTake(
        entry,
        entry.pace,
        wholeUnits(need, mostUnits(entry.pace)),
        wholeUnits(want, mostUnits(entry.pace)),
      );
    const granted = Math.max(need, Math.min(want, ref.limit - entry.taken));
    entry.taken += granted;
    return granted;
  }

  #standing(entry: Entry): Pick<Grant, 'remaining' | 'resetMs' | 'lifeMs' | 'spent'> {
    const { ref } = entry;
    const slots = ref.dimension === 'concurrent';
    return {
      remaining: slots ? Math.max(0, ref.limit - entry.taken) : meterLeft(entry, entry.pace),
      resetMs: slots ? 0 : entry.debtUs / 1000,
      lifeMs: LEASE_LIFE_MS,
      ...(ref.dimension === 'cost' ? { spent: usedOf(entry) } : undefined),
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
    else meterBack(entry, entry.pace, Math.floor(amount));
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
  #forgetSome(nowUs: number): void {
    for (let step = 0; step < SWEEP_STEPS; step++) {
      this.#sweep ??= this.#entries.entries();
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = null;
        return;
      }
      const [id, entry] = next.value;
      if (entry.ref.dimension === 'cost') {
        const { endsAtMs = 0 } = entry.ref;
        const over = endsAtMs !== 0 && this.#wall() > endsAtMs + SETTLED_MS;
        if (over && entry.held.size === 0) this.#entries.delete(id);
      } else if (entry.taken === 0 && entry.held.size === 0 && entry.tat <= nowUs) this.#entries.delete(id);
    }
  }
}

/** Of a budget: all that is booked but what members hold. */
function usedOf({ debtUs, held }: Entry): number {
  let nano = debtUs;
  for (const units of held.values()) nano -= units;
  return nano;
}

/** A clock in fractions of a ms, in whole microseconds; what a sum of fractions lacks of one is not lost. */
function microseconds(ms: number): number {
  return Math.floor(ms * 1000 + 1e-3);
}
