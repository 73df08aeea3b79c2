// Small records in places of shared pages: bytes that V8's collector has nothing to do with.
//
//   page of 1,024-byte places   │ a │ b │ - │ c │        page of 4,096-byte places   │ d         │ -         │
//   place                       │ length of text │ length of bytes │ text │ bytes │ … │
//
// Who takes a place gives it back exactly once, and reads from it only before. What is read is a copy: nobody holds on to a place.
import { Buffer } from 'node:buffer';

const PAGE_BYTES = 256 * 1024;
const SIZES = [1_024, 2_048, 4_096] as const;
const HEAD_BYTES = 8;
/** No place. */
export const NOWHERE = -1;

export class BytePages {
  /** Of all pages. They are kept for other records once they are empty. */
  maxBytes: number;
  readonly #pages: Buffer[][] = SIZES.map(() => []);
  readonly #free: number[][] = SIZES.map(() => []);
  #bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Bytes that a place takes. */
  sizeOf(place: number): number {
    return SIZES[place % SIZES.length]!;
  }

  /** A place with both in it; NOWHERE = they are too large, or there is no room. */
  put(text: string, bytes: Buffer): number {
    const textBytes = Buffer.byteLength(text);
    const length = HEAD_BYTES + textBytes + bytes.length;
    const kind = SIZES.findIndex((size) => length <= size);
    if (kind < 0) return NOWHERE;
    const at = this.#free[kind]!.pop() ?? this.#another(kind);
    if (at === NOWHERE) return NOWHERE;
    const place = at * SIZES.length + kind;
    const page = this.#pageOf(place);
    const from = this.#from(place);
    page.writeUInt32LE(textBytes, from);
    page.writeUInt32LE(bytes.length, from + 4);
    page.write(text, from + HEAD_BYTES, textBytes);
    bytes.copy(page, from + HEAD_BYTES + textBytes);
    return place;
  }

  text(place: number): string {
    const page = this.#pageOf(place);
    const from = this.#from(place) + HEAD_BYTES;
    return page.toString('utf8', from, from + page.readUInt32LE(from - HEAD_BYTES));
  }

  bytes(place: number): Buffer {
    const page = this.#pageOf(place);
    const at = this.#from(place);
    const from = at + HEAD_BYTES + page.readUInt32LE(at);
    return Buffer.from(page.subarray(from, from + page.readUInt32LE(at + 4)));
  }

  giveBack(place: number): void {
    const kind = place % SIZES.length;
    this.#free[kind]!.push((place - kind) / SIZES.length);
  }

  #pageOf(place: number): Buffer {
    const kind = place % SIZES.length;
    return this.#pages[kind]![Math.floor((place - kind) / SIZES.length / (PAGE_BYTES / SIZES[kind]!))]!;
  }

  /** Where it begins in its page. */
  #from(place: number): number {
    const kind = place % SIZES.length;
    return (((place - kind) / SIZES.length) % (PAGE_BYTES / SIZES[kind]!)) * SIZES[kind]!;
  }

  /** The first place of a new page. */
  #another(kind: number): number {
    if (this.#bytes + PAGE_BYTES > this.maxBytes) return NOWHERE;
    this.#bytes += PAGE_BYTES;
    const pages = this.#pages[kind]!;
    const perPage = PAGE_BYTES / SIZES[kind]!;
    const first = pages.length * perPage;
    pages.push(Buffer.allocUnsafeSlow(PAGE_BYTES));
    for (let at = first + perPage - 1; at > first; at--) this.#free[kind]!.push(at);
    return first;
  }
}
