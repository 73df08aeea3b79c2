// A worker's journal: bytes in a file that lives in memory (cluster/crew/journal-file.ts), read by the primary when the worker was
// killed. What is noted is collected here, and written as one piece when it is sealed: once for the calls of a turn, or for eight of
// them (gateway/seal-turns.ts). Nobody is woken by a write, and nothing of it waits for a disk.
//
// Of the two areas one is written to. The other is begun anew once all that stands in it is told or written elsewhere:
//
//   filling, GO_ON_BYTES ──► the other is safe? ──yes──► it is filled from its beginning
//                              └──no──► on in this one, until it is full: then nothing is noted
import { writeSync } from 'node:fs';
import type { Journal, RowSource, SegmentPlace } from '../contracts/journal.ts';
import { packValues } from '../ipc/codec.ts';
import { AREA_BYTES, CHARGE, ENTRY_BYTES, HEAD_BYTES, ROWS, SEGMENT, TAIL_BYTES, TEXTS } from './piece.ts';

const FIRST_BYTES = 16 * 1024;
/** An area with so much in it is left as soon as it can be: what is touched again and again stays in the cache of the processor. */
const GO_ON_BYTES = 128 * 1024;
/** Longest name of a bucket in UTF-8: names are bounded (limits/bucket-id.ts). */
const CHAR_BYTES = 3;

/** What keeps an area from being begun anew. */
interface Area {
  batch: number;
  segment: number;
}

export class FileJournal implements Journal {
  readonly #fd: number;
  readonly #areaBytes: number;
  readonly #areas: readonly [Area, Area] = [
    { batch: -1, segment: -1 },
    { batch: -1, segment: -1 },
  ];
  #current = 0;
  /** In the current area. */
  #filled = 0;
  #piece = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #at = HEAD_BYTES;
  #number = 1;
  #batch = 1;
  #told = 0;
  #segment = 0;
  #written = 0;
  #place: SegmentPlace | null = null;
  #source: RowSource | null = null;
  /** Of the segment: that its place is noted, and how many of its texts and callers. */
  #placed = false;
  #texts = 0;
  #callers = 0;

  /** @param fd of a file for reading and writing, of which nobody else writes. */
  constructor(fd: number, areaBytes = AREA_BYTES) {
    this.#fd = fd;
    this.#areaBytes = areaBytes;
  }

  charged(bucketId: string, amount: number): void {
    const at = this.#entry(CHARGE, 16 + CHAR_BYTES * bucketId.length);
    const piece = this.#piece;
    piece.writeDoubleLE(this.#batch, at);
    piece.writeDoubleLE(amount, at + 8);
    this.#end(at + 16 + piece.write(bucketId, at + 16));
    this.#areas[this.#current]!.batch = this.#batch;
  }

  nextBatch(): number {
    return this.#batch++;
  }

  batchTold(batch: number): void {
    if (batch > this.#told) this.#told = batch;
  }

  nextSegment(place: SegmentPlace, source: RowSource): number {
    this.#place = place;
    this.#source = source;
    this.#anew();
    return ++this.#segment;
  }

  rows(
    texts: readonly string[],
    callers: readonly unknown[],
    records: Buffer,
    from: number,
    ends: readonly number[],
  ): void {
    if (!this.#placed) {
      const { folder, run, node, worker } = this.#place!; // a row is of a segment
      this.#packed(SEGMENT, [folder, run, node, worker]);
      this.#placed = true;
    }
    if (texts.length > this.#texts || callers.length > this.#callers) {
      this.#packed(TEXTS, [
        this.#texts,
        texts.slice(this.#texts),
        this.#callers,
        callers.slice(this.#callers),
      ]);
      this.#texts = texts.length;
      this.#callers = callers.length;
    }
    const count = ends.length;
    const end = ends[count - 1]!; // there is one
    let at = this.#entry(ROWS, 8 + 4 * count + end - from);
    const piece = this.#piece;
    piece.writeUInt32LE(this.#segment, at);
    piece.writeUInt32LE(count, at + 4);
    at += 8;
    for (let row = 0; row < count; row++) at = piece.writeUInt32LE(ends[row]! - from, at);
    this.#end(at + records.copy(piece, at, from, end));
    this.#areas[this.#current]!.segment = this.#segment;
  }

  segmentWritten(segment: number): void {
    if (segment <= this.#written) return;
    this.#written = segment;
    // Said at once: who reads this may find the file gone, and no call may ever come to say it.
    if (!this.#seal() && this.#filled === 0) this.#seal();
  }

  get noted(): boolean {
    return this.#at > HEAD_BYTES || this.#source?.owes === true;
  }

  seal(): void {
    this.#source?.note();
    if (this.#at > HEAD_BYTES) this.#seal();
  }

  /** @returns false: it found no room, and what was in it is not noted. */
  #seal(): boolean {
    const length = this.#at + TAIL_BYTES;
    const piece = this.#piece;
    piece.writeUInt32LE(length, 0);
    piece.writeDoubleLE(this.#number, 4);
    piece.writeUInt32LE(this.#written, 12);
    piece.writeDoubleLE(this.#number, this.#at);
    this.#at = HEAD_BYTES;
    const sealed = this.#filled + length <= this.#areaBytes && this.#write(length);
    if (sealed) {
      this.#filled += length;
      this.#number++;
    } else this.#anew(); // the next row brings again what was in the piece
    if (this.#filled >= GO_ON_BYTES) this.#goOn();
    return sealed;
  }

  /** Where nothing can be written calls go on: the next piece is tried at the same place. */
  #write(length: number): boolean {
    try {
      return (
        writeSync(this.#fd, this.#piece, 0, length, this.#current * this.#areaBytes + this.#filled) === length
      );
    } catch {
      return false;
    }
  }

  #anew(): void {
    this.#placed = false;
    this.#texts = 0;
    this.#callers = 0;
  }

  #goOn(): void {
    const next = 1 - this.#current;
    const { batch, segment } = this.#areas[next]!;
    if (batch > this.#told || segment > this.#written) return;
    this.#current = next;
    this.#filled = 0;
    this.#areas[next]!.batch = -1;
    this.#areas[next]!.segment = -1;
  }

  #packed(kind: number, value: unknown): void {
    const bytes = packValues(value);
    const at = this.#entry(kind, 4 + bytes.length);
    this.#piece.writeUInt32LE(this.#segment, at);
    this.#end(at + 4 + bytes.copy(this.#piece, at + 4));
  }

  /** Begins an entry of at most so many bytes. @returns where its own begin */
  #entry(kind: number, most: number): number {
    const at = this.#at + ENTRY_BYTES;
    if (at + most + TAIL_BYTES > this.#piece.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.#piece.length + most);
      this.#piece.copy(larger, 0, 0, this.#at);
      this.#piece = larger;
    }
    this.#piece[this.#at] = kind;
    return at;
  }

  #end(at: number): void {
    this.#piece.writeUInt32LE(at - this.#at - ENTRY_BYTES, this.#at + 1);
    this.#at = at;
  }
}
