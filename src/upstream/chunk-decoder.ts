// The chunked coding of one body. Works in place: what it finds in a read is moved together, so that one read makes
// one piece for the handler however many chunks it held. A byte at a time around the data, so no split can confuse it.
//
//   size ──► extension ──► size LF ──► data ──► data CR ──► data LF ──► size …
//                             └─ size 0 ──► line start ──► (trailer ──► trailer LF ──► line start)* ──► last LF ──► done

const SIZE = 0;
const EXTENSION = 1;
const SIZE_LF = 2;
const DATA = 3;
const DATA_CR = 4;
const DATA_LF = 5;
const LINE_START = 6;
const TRAILER_NAME = 7;
const TRAILER_VALUE = 8;
const TRAILER_LF = 9;
const LAST_LF = 10;

const MAX_SIZE_DIGITS = 16;
const MAX_TRAILERS = 100;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const TOKEN = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

export class ChunkDecoder {
  /** What the last feed() found, in its bytes. */
  from = 0;
  to = 0;
  /** The body has ended. */
  done = false;
  /** Why the body is malformed; what lies in [from, to) came before that. */
  fault: string | null = null;

  readonly #maxExtra: number;
  #step = SIZE;
  #digits = 0;
  /** Bytes of the chunk still to come. */
  #left = 0;
  /** Bytes of extensions and trailers so far: nobody reads them, so they are bounded. */
  #extra = 0;
  #trailers = 0;
  #nameBytes = 0;

  /** @param maxExtra most bytes of extensions and trailers of one body. */
  constructor(maxExtra: number) {
    this.#maxExtra = maxExtra;
  }

  /** Begins another body. */
  reset(): void {
    this.done = false;
    this.fault = null;
    this.#step = SIZE;
    this.#digits = 0;
    this.#left = 0;
    this.#extra = 0;
    this.#trailers = 0;
  }

  /**
   * Takes [start, end) of `bytes`, which it may overwrite, up to the end of the body at most.
   * @returns the offset behind what it took.
   */
  feed(bytes: Buffer, start: number, end: number): number {
    this.from = start;
    this.to = start;
    let at = start;
    while (at < end) {
      if (this.#step === DATA) {
        at = this.#data(bytes, at, end);
        continue;
      }
      this.fault = this.#frame(bytes[at]!);
      if (this.fault !== null) return at;
      at++;
      if (this.done) return at;
    }
    return at;
  }

  #data(bytes: Buffer, at: number, end: number): number {
    const count = Math.min(this.#left, end - at);
    if (this.from === this.to) this.from = this.to = at;
    else bytes.copyWithin(this.to, at, at + count);
    this.to += count;
    this.#left -= count;
    if (this.#left === 0) this.#step = DATA_CR;
    return at + count;
  }

  /** One byte of framing; returns what is wrong with it. */
  #frame(byte: number): string | null {
    switch (this.#step) {
      case SIZE:
        return this.#size(byte);
      case EXTENSION:
        if (byte === CR) this.#step = SIZE_LF;
        else return this.#text(byte);
        return null;
      case SIZE_LF:
        if (byte !== LF) return 'a bare CR behind a chunk size';
        this.#step = this.#left === 0 ? LINE_START : DATA;
        this.#digits = 0;
        return null;
      case DATA_CR:
        if (byte !== CR) return 'a chunk longer than it says';
        this.#step = DATA_LF;
        return null;
      case DATA_LF:
        if (byte !== LF) return 'a chunk longer than it says';
        this.#step = SIZE;
        return null;
      case LAST_LF:
        if (byte !== LF) return 'a bare CR behind its trailers';
        this.done = true;
        return null;
      default:
        return this.#trailer(byte);
    }
  }

  #size(byte: number): string | null {
    const digit = hexDigit(byte);
    if (digit >= 0) {
      if (++this.#digits > MAX_SIZE_DIGITS) return 'an endless chunk size';
      this.#left = this.#left * 16 + digit;
      return this.#left > Number.MAX_SAFE_INTEGER ? 'a chunk size beyond all bounds' : null;
    }
    if (this.#digits === 0) return 'a malformed chunk size';
    if (byte === CR) this.#step = SIZE_LF;
    else if (byte === SEMICOLON) this.#step = EXTENSION;
    else return 'a malformed chunk size';
    return null;
  }

  /** Trailers are checked like headers, counted, and dropped. */
  #trailer(byte: number): string | null {
    switch (this.#step) {
      case LINE_START:
        if (byte === CR) {
          this.#step = LAST_LF;
          return null;
        }
        if (++this.#trailers > MAX_TRAILERS) return 'too many trailers';
        this.#step = TRAILER_NAME;
        this.#nameBytes = 0;
        return this.#trailerName(byte);
      case TRAILER_NAME:
        return this.#trailerName(byte);
      case TRAILER_VALUE:
        if (byte === CR) this.#step = TRAILER_LF;
        else return this.#text(byte);
        return null;
      default:
        if (byte !== LF) return 'a bare CR in a trailer';
        this.#step = LINE_START;
        return null;
    }
  }

  #trailerName(byte: number): string | null {
    if (TOKEN[byte] === 1) this.#nameBytes++;
    else if (byte === COLON && this.#nameBytes > 0) this.#step = TRAILER_VALUE;
    else return 'a malformed trailer name';
    return this.#count();
  }

  #text(byte: number): string | null {
    if ((byte < 0x20 && byte !== TAB) || byte === 0x7f) return 'a control character or a bare line end';
    return this.#count();
  }

  #count(): string | null {
    return ++this.#extra > this.#maxExtra ? 'too much beside its body' : null;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
