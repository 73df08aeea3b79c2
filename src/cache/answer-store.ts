// Answers in the memory of one worker: bounded in bytes, what was not used for longest goes first.
//
// An entry is a record of numbers (entry-records.ts, entry-table.ts, entry-columns.ts), a kind that it shares with others (entry-kinds.ts) and bytes in
// shared pages (byte-pages.ts); a large one has a block of its own. None is an object: ten thousands of objects would be copied by
// collections of the young space, marked by those of the old one, and cost a miss more than all else does (docs/performance.md).
import { randomInt } from 'node:crypto';
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';
import { BytePages, NOWHERE } from './byte-pages.ts';
import { canHold, EntryColumns } from './entry-columns.ts';
import { EntryKinds } from './entry-kinds.ts';
import { EntryRecords } from './entry-records.ts';
import { EntryTable, NO_SLOT } from './entry-table.ts';
import { NAME_WORDS, nameOf, readName } from './name-words.ts';

/** What an entry takes beside its place in the pages, and beside a block of its own. */
const ENTRY_BYTES = 256;
const LARGE_ENTRY_BYTES = 1_024;
/** What a kind takes: where each entry has an end user of its own there are as many of them. */
const KIND_BYTES = 1_024;
/** Of a purge: so many slots are looked at before the others are served, which takes about a millisecond where all of them go. */
const SLICE_SLOTS = 4_096;
const MOST = 2 ** 31;

/** What few entries have: behind the body, as JSON. */
type More = Partial<Pick<CachedAnswer, 'pace' | 'quantities' | 'turnId' | 'usage'>>;

type Went = (id: string, createdMs: number) => void;

export class AnswerStore {
  readonly #records = new EntryRecords();
  readonly #table = new EntryTable([randomInt(MOST), randomInt(MOST)], this.#records);
  readonly #columns = new EntryColumns(this.#records);
  readonly #kinds = new EntryKinds();
  readonly #pages: BytePages;
  /** By slot, what is too large for the pages. */
  readonly #blocks = new Map<number, Buffer>();
  readonly #name = new Int32Array(NAME_WORDS);
  #maxBytes: number;
  /** Of entries alone. */
  #bytes = 0;
  /** Of blocks. */
  #blockBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#pages = new BytePages(maxBytes);
  }

  get size(): number {
    return this.#table.size;
  }

  get bytes(): number {
    return this.#bytes + this.#kinds.count * KIND_BYTES;
  }

  /** Memory that it takes, beside V8's own: of pages also places that are free. */
  get heldBytes(): number {
    return this.#pages.heldBytes + this.#blockBytes + this.#records.heldBytes;
  }

  /** How much it may hold from now on. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#pages.maxBytes = maxBytes;
    this.#makeRoom(0);
  }

  /** Null also for an entry whose time is over at `nowMs` (since 1970), which is gone then. */
  get(id: string, nowMs: number): CachedAnswer | null {
    const slot = this.#find(id);
    if (slot === NO_SLOT) return null;
    if (this.#columns.staleUntilMs(slot) <= nowMs) {
      this.#remove(slot);
      return null;
    }
    this.#table.touch(slot);
    return this.#read(id, slot);
  }

  /** What is larger than the whole store is not kept, and an older one of its name is gone then too. */
  put(entry: CachedAnswer): void {
    if (!readName(entry.id, this.#name)) return;
    const older = this.#table.find(this.#name);
    if (older !== NO_SLOT) this.#remove(older);
    const more = moreOf(entry);
    const bytes = more === null ? entry.body : Buffer.concat([entry.body, more]);
    // The most that it may take: what does not fit then must not have others go for it.
    const wanted = KIND_BYTES + LARGE_ENTRY_BYTES + bytes.length;
    if (wanted > this.#maxBytes) return;
    this.#makeRoom(wanted);
    const place = this.#pages.put(bytes);
    const slot = this.#table.add(this.#name);
    if (place === NOWHERE) {
      this.#blocks.set(slot, ownCopy(bytes));
      this.#blockBytes += bytes.length;
    }
    this.#columns.set(slot, this.#kinds.take(entry), place, entry.body.length, more?.length ?? 0);
    this.#columns.write(slot, entry);
    this.#bytes += this.#sizeOf(slot);
    // A place is larger than what is in it.
    this.#makeRoom(0);
  }

  drop(id: string): boolean {
    const slot = this.#find(id);
    if (slot === NO_SLOT) return false;
    this.#remove(slot);
    return true;
  }

  /**
   * Entries that come meanwhile may stay.
   *
   * @param others lets the others be served, between two slices. @param went is told of each that goes, and when that was made (ms
   *   since 1970). @returns how many went.
   */
  async purge(wanted: CachePurge, others: () => Promise<unknown>, went?: Went): Promise<number> {
    if (wanted.id !== undefined && Object.keys(wanted).length === 1) {
      const slot = this.#find(wanted.id);
      if (slot === NO_SLOT) return 0;
      this.#purgeSlot(slot, went);
      return 1;
    }
    const { slots } = this.#table;
    let gone = 0;
    for (let from = 0; from < slots; from += SLICE_SLOTS) {
      if (from > 0) await others();
      gone += this.#purgeSlots(wanted, from, Math.min(slots, from + SLICE_SLOTS), went);
    }
    return gone;
  }

  #purgeSlots(wanted: CachePurge, from: number, to: number, went?: Went): number {
    // A kind that is gone behind this slice may come back as another one.
    const known = new Map<number, boolean>();
    let gone = 0;
    for (let slot = from; slot < to; slot++) {
      if (!this.#table.isTaken(slot)) continue;
      const kind = this.#columns.kind(slot);
      let of = known.get(kind);
      if (of === undefined) known.set(kind, (of = isOf(this.#kinds.of(kind), wanted)));
      if (!of || (wanted.id !== undefined && wanted.id !== this.#id(slot))) continue;
      this.#purgeSlot(slot, went);
      gone++;
    }
    return gone;
  }

  #purgeSlot(slot: number, went?: Went): void {
    went?.(this.#id(slot), this.#columns.createdMs(slot));
    this.#remove(slot);
  }

  #find(id: string): number {
    return readName(id, this.#name) ? this.#table.find(this.#name) : NO_SLOT;
  }

  #id(slot: number): string {
    return nameOf(this.#table.namesOf(slot), this.#table.nameAt(slot));
  }

  #read(id: string, slot: number): CachedAnswer {
    const columns = this.#columns;
    const kind = this.#kinds.of(columns.kind(slot));
    const { operation, dialect, form, contentType, includeUsage, provider, upstreamModel } = kind;
    const { answerModel, translated, dropped, adapted, stop, labels } = kind;
    const { createdMs, freshUntilMs, staleUntilMs, tookMs, costNano, usage } = columns.read(slot);
    const bodyBytes = columns.bodyBytes(slot);
    const moreBytes = columns.moreBytes(slot);
    const bytes = this.#blocks.get(slot) ?? this.#pages.read(columns.place(slot), bodyBytes + moreBytes);
    const more = moreBytes === 0 ? null : moreIn(bytes.subarray(bodyBytes));
    return {
      id,
      createdMs,
      freshUntilMs,
      staleUntilMs,
      operation,
      dialect,
      form,
      contentType,
      includeUsage,
      body: moreBytes === 0 ? bytes : bytes.subarray(0, bodyBytes),
      pace: more?.pace ?? null,
      provider,
      upstreamModel,
      answerModel,
      translated,
      dropped,
      adapted,
      stop,
      usage: more?.usage ?? usage,
      quantities: more?.quantities ?? null,
      turnId: more?.turnId ?? null,
      costNano,
      tookMs,
      labels,
    };
  }

  #remove(slot: number): void {
    this.#bytes -= this.#sizeOf(slot);
    const place = this.#columns.place(slot);
    if (place === NOWHERE) {
      this.#blockBytes -= this.#columns.bodyBytes(slot) + this.#columns.moreBytes(slot);
      this.#blocks.delete(slot);
    } else this.#pages.giveBack(place);
    this.#kinds.giveBack(this.#columns.kind(slot));
    this.#table.remove(slot);
  }

  #makeRoom(bytes: number): void {
    while (this.bytes + bytes > this.#maxBytes && this.#table.size > 0) this.#remove(this.#table.oldest);
  }

  #sizeOf(slot: number): number {
    const place = this.#columns.place(slot);
    return place === NOWHERE
      ? this.#columns.bodyBytes(slot) + this.#columns.moreBytes(slot) + LARGE_ENTRY_BYTES
      : this.#pages.sizeOf(place) + ENTRY_BYTES;
  }
}

function moreOf({ pace, quantities, turnId, usage }: CachedAnswer): Buffer | null {
  const told = usage !== null && !canHold(usage);
  if (pace === null && quantities === null && turnId === null && !told) return null;
  const more: More = { pace, quantities, turnId };
  return Buffer.from(JSON.stringify(told ? { ...more, usage } : more));
}

function moreIn(bytes: Buffer): More {
  return JSON.parse(bytes.toString('utf8')) as More; // nobody else writes there
}

/** Whether an entry is one of those to be purged. */
export function fits(
  entry: Pick<CachedAnswer, 'id' | 'provider' | 'upstreamModel' | 'labels'>,
  wanted: CachePurge,
): boolean {
  return (wanted.id === undefined || wanted.id === entry.id) && isOf(entry, wanted);
}

/** All that is stated but for the id. */
function isOf(
  { provider, upstreamModel, labels }: Pick<CachedAnswer, 'provider' | 'upstreamModel' | 'labels'>,
  wanted: CachePurge,
): boolean {
  if (wanted.key !== undefined && wanted.key !== labels.key) return false;
  if (wanted.tag !== undefined && !labels.tags.includes(wanted.tag)) return false;
  const { organization, team, user, customer, project, model } = labels;
  if (wanted.tenant !== undefined && ![organization, team, user, customer, project].includes(wanted.tenant))
    return false;
  return (
    wanted.model === undefined || wanted.model === model || wanted.model === `${provider}/${upstreamModel}`
  );
}

/** A part of a larger block would keep all of it, and what it holds would be more than is counted. */
function ownCopy(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.length) return body;
  const copy = Buffer.allocUnsafeSlow(body.length);
  body.copy(copy);
  return copy;
}
