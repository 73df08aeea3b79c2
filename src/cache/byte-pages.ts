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

interface Page {
  readonly bytes: Buffer;
  /** Numbers of its places that nobody has. */
  readonly free: number[];
}

export class BytePages {
  /** Of all pages. */
  maxBytes: number;
  /** By their sizes; null = a page that was let go of. */
  readonly #pages: (Page | null)[][] = SIZES.map(() => []);
  /** Numbers of the pages with free places, and of those that are gone. */
  readonly #open: number[][] = SIZES.map(() => []);
  readonly #gone: number[][] = SIZES.map(() => []);
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Of all pages there are. */
  get heldBytes(): number {
    return this.#heldBytes;
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
    const open = this.#open[kind]!;
    const number = open.at(-1) ?? this.#another(kind);
    if (number === NOWHERE) return NOWHERE;
    const { free } = this.#pages[kind]![number]!;
    const place = (number * (PAGE_BYTES / SIZES[kind]!) + free.pop()!) * SIZES.length + kind;
    if (free.length === 0) open.pop();
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

  /** Whether these bytes are in the text: without making one of it. */
  textHas(place: number, bytes: Buffer): boolean {
    const page = this.#pageOf(place);
    const from = this.#from(place) + HEAD_BYTES;
    return page.subarray(from, from + page.readUInt32LE(from - HEAD_BYTES)).includes(bytes);
  }

  bytes(place: number): Buffer {
    const page = this.#pageOf(place);
    const at = this.#from(place);
    const from = at + HEAD_BYTES + page.readUInt32LE(at);
    return Buffer.from(page.subarray(from, from + page.readUInt32LE(at + 4)));
  }

  /** A page that is empty goes, unless it is the last with room: what is kept of another size, or elsewhere, needs that memory. */
  giveBack(place: number): void {
    const kind = place % SIZES.length;
    const perPage = PAGE_BYTES / SIZES[kind]!;
    const at = (place - kind) / SIZES.length;
    const number = Math.floor(at / perPage);
    const { free } = this.#pages[kind]![number]!;
    const open = this.#open[kind]!;
    if (free.push(at % perPage) === 1) open.push(number);
    if (free.length < perPage || open.length === 1) return;
    open.splice(open.indexOf(number), 1);
    this.#pages[kind]![number] = null;
    this.#gone[kind]!.push(number);
    this.#heldBytes -= PAGE_BYTES;
  }

  #pageOf(place: number): Buffer {
    const kind = place % SIZES.length;
    const number = Math.floor((place - kind) / SIZES.length / (PAGE_BYTES / SIZES[kind]!));
    return this.#pages[kind]![number]!.bytes;
  }

  /** Where it begins in its page. */
  #from(place: number): number {
    const kind = place % SIZES.length;
    return (((place - kind) / SIZES.length) % (PAGE_BYTES / SIZES[kind]!)) * SIZES[kind]!;
  }

  /** Number of a new page, all of it free. */
  #another(kind: number): number {
    if (this.#heldBytes + PAGE_BYTES > this.maxBytes) return NOWHERE;
    this.#heldBytes += PAGE_BYTES;
    const pages = this.#pages[kind]!;
    const number = this.#gone[kind]!.pop() ?? pages.length;
    const perPage = PAGE_BYTES / SIZES[kind]!;
    const free = Array.from({ length: perPage }, (_, at) => perPage - 1 - at);
    pages[number] = { bytes: Buffer.allocUnsafeSlow(PAGE_BYTES), free };
    this.#open[kind]!.push(number);
    return number;
  }
}
