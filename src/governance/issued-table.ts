// Issued keys by their hashes: the rows as they came (issued-frame.ts) in a few large buffers outside V8's heap, and a table of
// numbers that says where each is. A key costs its row and 10 bytes.
import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { DEAD, hasHash, hashOf, holderAt, idOf, markOf, rowEnd, sameRow, setMark } from './issued-frame.ts';

/** A place is the number of its chunk times this, and where in the chunk: a row that is larger has one for itself. */
const CHUNK_BYTES = 1024 * 1024;
/** A frame from this on is kept as it is, as a chunk of its own; of smaller ones there would be too many. */
const KEPT_BYTES = 128 * 1024;
const FIRST_SLOTS = 1024;
const FREE = 0;
const GONE = 0xffff_ffff;

/** Places by a number that is spread well; which of them is meant, who asks can tell. Open addressing, at most two thirds full. */
class Slots {
  #slots = new Uint32Array(FIRST_SLOTS);
  /** Slots that are not free: those that are gone, too. */
  #filled = 0;

  get full(): boolean {
    return this.#filled * 3 >= this.#slots.length * 2;
  }

  clear(entries: number): void {
    let length = FIRST_SLOTS;
    while (length < entries * 3) length *= 2;
    this.#slots = new Uint32Array(length);
    this.#filled = 0;
  }

  put(spread: number, place: number): void {
    const mask = this.#slots.length - 1;
    let slot = spread & mask;
    while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask;
    this.#slots[slot] = place + 1;
    this.#filled += 1;
  }

  /** @returns the first place that fits; -1 = there is none. */
  find(spread: number, fits: (place: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let slot = spread & mask; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry !== GONE && fits(entry - 1)) return entry - 1;
    }
    return -1;
  }

  drop(spread: number, place: number): void {
    const mask = this.#slots.length - 1;
    for (let slot = spread & mask; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#slots[slot] !== place + 1) continue;
      this.#slots[slot] = GONE;
      return;
    }
  }
}

export class IssuedTable {
  #chunks: Buffer[] = [];
  /** Bytes of each chunk that hold rows. */
  #ends: number[] = [];
  readonly #byHash = new Slots();
  readonly #byId: Slots | null;
  #size = 0;
  #bytes = 0;
  #deadBytes = 0;

  /** @param byId rows are found by the id of their key, too */
  constructor({ byId }: { readonly byId: boolean }) {
    this.#byId = byId ? new Slots() : null;
  }

  get size(): number {
    return this.#size;
  }

  /** JSON of the holder; null = nobody has this hash. */
  holder(hash: Buffer): string | null {
    const place = this.#placeOf(hash);
    if (place < 0) return null;
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    return chunk.toString('utf8', holderAt(chunk, at), rowEnd(chunk, at));
  }

  /**
   * Takes the row at `at` of a frame, in place of what its hash said before.
   * @returns whether it says anything new; one that does not has the new mark all the same
   */
  put(frame: Buffer, at: number, mark: number): boolean {
    const hash = hashOf(frame, at);
    const before = this.#placeOf(hash);
    if (before >= 0) {
      const chunk = this.#chunkOf(before);
      if (sameRow(chunk, before % CHUNK_BYTES, frame, at)) {
        setMark(chunk, before % CHUNK_BYTES, mark);
        return false;
      }
      this.#remove(before);
    }
    const place = this.#append(frame, at, mark);
    this.#size += 1;
    if (this.#byHash.full || this.#byId?.full === true) this.#index();
    else this.#enter(place);
    this.#tidy();
    return true;
  }

  /**
   * Keeps a whole frame of rows that live and nobody knows yet, without copying it: nobody else may write to it from now on. For a
   * process whose allocator maps large pieces by themselves (workers): between others it would hold the room around it, too.
   * @returns false when it is not such a frame: its rows are to be put one by one
   */
  keep(frame: Buffer, mark: number): boolean {
    if (frame.length < KEPT_BYTES || frame.length > CHUNK_BYTES || !this.#isNew(frame)) return false;
    const first = this.#chunks.length * CHUNK_BYTES;
    this.#chunks.push(frame);
    this.#ends.push(frame.length);
    this.#bytes += frame.length;
    this.#enterAll(frame, first, 0, frame.length, mark);
    return true;
  }

  /**
   * Copies a whole frame of rows that live and nobody knows yet: a quarter of what it takes to put them one by one.
   * @returns false when it is not such a frame
   */
  append(frame: Buffer, mark: number): boolean {
    if (!this.#isNew(frame)) return false;
    for (let at = 0; at < frame.length; ) {
      // As many rows as the chunk has room for.
      const room = this.#room(rowEnd(frame, at) - at);
      let end = at;
      while (end < frame.length && rowEnd(frame, end) - at <= room) end = rowEnd(frame, end);
      const last = this.#chunks.length - 1;
      const chunk = this.#chunks[last]!;
      const start = this.#ends[last]!;
      frame.copy(chunk, start, at, end);
      this.#ends[last] = start + end - at;
      this.#bytes += end - at;
      this.#enterAll(chunk, last * CHUNK_BYTES, start, start + end - at, mark);
      at = end;
    }
    return true;
  }

  drop(hash: Buffer): void {
    const place = this.#placeOf(hash);
    if (place < 0) return;
    this.#remove(place);
    this.#tidy();
  }

  /** Hashes of an id, copied. */
  hashesOf(id: Buffer): Buffer[] {
    const found: Buffer[] = [];
    this.#byId?.find(crc32(id), (place) => {
      const chunk = this.#chunkOf(place);
      const at = place % CHUNK_BYTES;
      if (idOf(chunk, at).equals(id)) found.push(Buffer.from(hashOf(chunk, at)));
      return false;
    });
    return found;
  }

  /** Hashes of the rows with another mark, copied. */
  unmarked(mark: number): Buffer[] {
    const found: Buffer[] = [];
    this.each((chunk, at) => {
      if (markOf(chunk, at) !== mark) found.push(Buffer.from(hashOf(chunk, at)));
    });
    return found;
  }

  each(visit: (chunk: Buffer, at: number) => void): void {
    for (const chunk of this.frames()) {
      for (let at = 0; at < chunk.length; at = rowEnd(chunk, at))
        if (markOf(chunk, at) !== DEAD) visit(chunk, at);
    }
  }

  /** All rows, dead ones between them: views of what is here. */
  frames(): Buffer[] {
    return this.#chunks.map((chunk, index) => chunk.subarray(0, this.#ends[index]));
  }

  #placeOf(hash: Buffer): number {
    return this.#byHash.find(hash.readUInt32LE(0), (place) =>
      hasHash(this.#chunkOf(place), place % CHUNK_BYTES, hash),
    );
  }

  #chunkOf(place: number): Buffer {
    return this.#chunks[Math.floor(place / CHUNK_BYTES)]!;
  }

  #isNew(frame: Buffer): boolean {
    for (let at = 0; at < frame.length; at = rowEnd(frame, at))
      if (markOf(frame, at) === DEAD || this.#placeOf(hashOf(frame, at)) >= 0) return false;
    return true;
  }

  /** Rows that lie at `from` of a chunk already. @param first place of the chunk */
  #enterAll(chunk: Buffer, first: number, from: number, to: number, mark: number): void {
    for (let at = from; at < to; at = rowEnd(chunk, at)) {
      setMark(chunk, at, mark);
      this.#size += 1;
      // Two rows of one hash in a frame: there are none, since a hash is of random bits.
      if (this.#byHash.full || this.#byId?.full === true) this.#index(first + at);
      else this.#enter(first + at);
    }
  }

  /** @returns bytes that are free in the last chunk: one that has room for so many. */
  #room(bytes: number): number {
    const last = this.#chunks.length - 1;
    const free = last < 0 ? 0 : this.#chunks[last]!.length - this.#ends[last]!;
    if (free >= bytes) return free;
    const made = Math.max(bytes, CHUNK_BYTES);
    this.#chunks.push(Buffer.allocUnsafeSlow(made));
    this.#ends.push(0);
    return made;
  }

  #append(frame: Buffer, at: number, mark: number): number {
    const bytes = rowEnd(frame, at) - at;
    this.#room(bytes);
    const last = this.#chunks.length - 1;
    const chunk = this.#chunks[last]!;
    const start = this.#ends[last]!;
    frame.copy(chunk, start, at, at + bytes);
    setMark(chunk, start, mark);
    this.#ends[last] = start + bytes;
    this.#bytes += bytes;
    return last * CHUNK_BYTES + start;
  }

  #enter(place: number): void {
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    this.#byHash.put(hashOf(chunk, at).readUInt32LE(0), place);
    this.#byId?.put(crc32(idOf(chunk, at)), place);
  }

  #remove(place: number): void {
    const chunk = this.#chunkOf(place);
    const at = place % CHUNK_BYTES;
    this.#byHash.drop(hashOf(chunk, at).readUInt32LE(0), place);
    this.#byId?.drop(crc32(idOf(chunk, at)), place);
    setMark(chunk, at, DEAD);
    this.#size -= 1;
    this.#deadBytes += rowEnd(chunk, at) - at;
  }

  /** Anew, with room for as many again. @param last no row behind this place is entered */
  #index(last = Number.POSITIVE_INFINITY): void {
    this.#byHash.clear(this.#size);
    this.#byId?.clear(this.#size);
    for (const [index, chunk] of this.frames().entries()) {
      for (let at = 0; at < chunk.length; at = rowEnd(chunk, at))
        if (markOf(chunk, at) !== DEAD && index * CHUNK_BYTES + at <= last)
          this.#enter(index * CHUNK_BYTES + at);
    }
  }

  /** Once most of it is dead, what lives is put together anew. */
  #tidy(): void {
    if (this.#deadBytes <= CHUNK_BYTES || this.#deadBytes * 2 <= this.#bytes) return;
    const frames = this.frames();
    this.#chunks = [];
    this.#ends = [];
    this.#bytes = this.#deadBytes = 0;
    for (const frame of frames) {
      for (let at = 0; at < frame.length; at = rowEnd(frame, at))
        if (markOf(frame, at) !== DEAD) this.#append(frame, at, markOf(frame, at));
    }
    this.#index();
  }
}
