// Small records in places of shared pages: bytes that V8's collector has nothing to do with.
//
//   page of 1,024-byte places   │ a │ b │ - │ c │        page of 4,096-byte places   │ d         │ -         │
//
// Who takes a place gives it back exactly once, and reads from it only before. What is read is a copy: nobody holds on to a place.
import { Buffer } from 'node:buffer';

const PAGE_BYTES = 256 * 1024;
const SIZES = [512, 1_024, 2_048, 4_096, 8_192, 16_384] as const;
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

  /** A place with the bytes in it; NOWHERE = they are too many, or there is no room. */
  put(bytes: Buffer): number {
    const kind = kindFor(bytes.length);
    if (kind < 0) return NOWHERE;
    const open = this.#open[kind]!;
    const number = open.at(-1) ?? this.#another(kind);
    if (number === NOWHERE) return NOWHERE;
    const { free, bytes: page } = this.#pages[kind]![number]!;
    const at = free.pop()!;
    if (free.length === 0) open.pop();
    bytes.copy(page, at * SIZES[kind]!);
    return (number * (PAGE_BYTES / SIZES[kind]!) + at) * SIZES.length + kind;
  }

  /** The first bytes of what was put. */
  read(place: number, length: number): Buffer {
    const kind = place % SIZES.length;
    const size = SIZES[kind]!;
    const perPage = PAGE_BYTES / size;
    const at = (place - kind) / SIZES.length;
    const { bytes } = this.#pages[kind]![Math.floor(at / perPage)]!;
    const copy = Buffer.allocUnsafe(length);
    const from = (at % perPage) * size;
    bytes.copy(copy, 0, from, from + length);
    return copy;
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

function kindFor(length: number): number {
  for (let kind = 0; kind < SIZES.length; kind++) if (length <= SIZES[kind]!) return kind;
  return -1;
}
