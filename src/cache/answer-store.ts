// Answers in the memory of one worker: bounded in bytes, what was not used for longest goes first.
//
// Small ones are bytes in shared pages (byte-pages.ts): ten thousands of objects would be copied by collections of the young space, marked by
// those of the old one, and cost a miss more than all else does (docs/performance.md). What is asked for again is read once.
import { LRUCache } from 'lru-cache';
import type { CachedAnswer, CachePurge } from '../contracts/cache.ts';
import { BytePages, NOWHERE } from './byte-pages.ts';

/** What an entry takes beside its body, and one in the pages beside its place. */
const ENTRY_BYTES = 1_024;
const NAME_BYTES = 256;
/** Entries that were asked for lately: as objects. */
const MAX_READ = 512;

/** An entry without its body. */
type Told = Omit<CachedAnswer, 'body'>;
/** Its place in the pages, or itself. */
type Kept = number | CachedAnswer;

export class AnswerStore {
  #entries: LRUCache<string, Kept>;
  readonly #pages: BytePages;
  /** Of those in the pages, what was read of them. */
  readonly #read = new Map<string, CachedAnswer>();
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#pages = new BytePages(maxBytes);
    this.#entries = this.#entriesOf(maxBytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** How much it may hold from now on. */
  resize(maxBytes: number): void {
    if (maxBytes === this.#maxBytes) return;
    const old = this.#entries;
    this.#maxBytes = maxBytes;
    this.#pages.maxBytes = maxBytes;
    this.#entries = this.#entriesOf(maxBytes);
    for (const [id, kept] of [...old.entries()].reverse()) this.#set(id, kept);
  }

  /** Null also for an entry whose time is over at `nowMs` (since 1970), which is gone then. */
  get(id: string, nowMs: number): CachedAnswer | null {
    const kept = this.#entries.get(id);
    if (kept === undefined) return null;
    const entry = typeof kept === 'number' ? (this.#read.get(id) ?? this.#readNow(id, kept)) : kept;
    if (entry.staleUntilMs > nowMs) return entry;
    this.#entries.delete(id);
    return null;
  }

  /** What is larger than the whole store is not kept, and an older one of its name is gone then too. */
  put(entry: CachedAnswer): void {
    const { body, ...told } = entry;
    const place = this.#pages.put(JSON.stringify(told), body);
    this.#set(entry.id, place === NOWHERE ? { ...told, body: ownCopy(body) } : place);
  }

  drop(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** @returns how many went. */
  purge(wanted: CachePurge): number {
    if (wanted.id !== undefined && Object.keys(wanted).length === 1) return this.drop(wanted.id) ? 1 : 0;
    const marks = marksOf(wanted);
    let gone = 0;
    for (const [id, kept] of [...this.#entries.entries()])
      if ((marks.length === 0 || this.#fits(kept, wanted, marks)) && this.#entries.delete(id)) gone++;
    return gone;
  }

  /** Nobody else is served meanwhile: only of what may fit the text is read. @param marks that it has then */
  #fits(kept: Kept, wanted: CachePurge, marks: readonly Buffer[]): boolean {
    if (typeof kept !== 'number') return fits(kept, wanted);
    for (const mark of marks) if (!this.#pages.textHas(kept, mark)) return false;
    return fits(toldOf(this.#pages.text(kept)), wanted);
  }

  #set(id: string, kept: Kept): void {
    this.#entries.set(id, kept);
    // Too large: nobody else knows of it.
    if (this.#entries.peek(id) !== kept) this.#gone(id, kept);
  }

  #readNow(id: string, place: number): CachedAnswer {
    const entry = { ...toldOf(this.#pages.text(place)), body: this.#pages.bytes(place) };
    if (this.#read.size >= MAX_READ) this.#read.clear();
    this.#read.set(id, entry);
    return entry;
  }

  #gone(id: string, kept: Kept): void {
    this.#read.delete(id);
    if (typeof kept === 'number') this.#pages.giveBack(kept);
  }

  #entriesOf(maxBytes: number): LRUCache<string, Kept> {
    return new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (kept) =>
        typeof kept === 'number' ? this.#pages.sizeOf(kept) + NAME_BYTES : kept.body.length + ENTRY_BYTES,
      dispose: (kept, id) => this.#gone(id, kept),
    });
  }
}

/** What `put` wrote. */
function toldOf(text: string): Told {
  return JSON.parse(text) as Told; // nobody else writes there
}

/** What stands in the text of each entry that fits; none = all do. */
function marksOf({ id, key, tag, tenant, model }: CachePurge): Buffer[] {
  // Of `provider/model` both may stand apart.
  const texts = [id, key, tag, tenant, model?.slice(model.indexOf('/') + 1)].filter(
    (one) => one !== undefined,
  );
  // Without the quote that begins it: there are dozens, and a search stops at each.
  return texts.map((text) => Buffer.from(JSON.stringify(text).slice(1)));
}

/** Whether an entry is one of those to be purged. */
export function fits(
  { id, provider, upstreamModel, labels }: Pick<CachedAnswer, 'id' | 'provider' | 'upstreamModel' | 'labels'>,
  wanted: CachePurge,
): boolean {
  if (wanted.id !== undefined && wanted.id !== id) return false;
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
