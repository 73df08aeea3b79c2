// A line of results that is too long to be kept: what makes it so (pictures, sound, vectors) is left out as it comes, and the rest is
// JSON as before, with what was used in it. However the line is cut into pieces.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A text that is longer is left empty: names of models, kinds and members are shorter. */
const TEXT_BYTES = 1_024;
/** Items that are kept of a list: details of usage are fewer. */
const ITEMS = 64;
/** What is left of a line at most; more is given up. */
const MAX_BYTES = 1024 * 1024;
/** Lists and objects in each other: nothing that is read lies so deep, and what is left out is not bounded by what is kept. */
const DEPTH = 1_024;
const OBJECT = -1;

export class LongLine {
  #out = Buffer.allocUnsafe(64 * 1024);
  #bytes = 0;
  #failed = false;
  #inText = false;
  #escaped = false;
  /** Where the text began that is being read, behind its quote. */
  #textAt = 0;
  #textBytes = 0;
  /** Commas met in each list around the next byte; OBJECT = it is none. */
  readonly #open: number[] = [];
  /** How many containers are around items that are left out; 0 = none are. */
  #leftOutIn = 0;

  add(piece: Buffer): void {
    let at = 0;
    while (at < piece.length && !this.#failed) {
      if (this.#inText) at = this.#text(piece, at);
      else this.#structure(piece[at++]!);
    }
  }

  /** What is left of the line; null = too much, or it is no whole JSON. */
  take(): Buffer | null {
    const whole = !this.#failed && !this.#inText && this.#open.length === 0;
    return whole ? this.#out.subarray(0, this.#bytes) : null;
  }

  /** @returns where the text, or the piece, ends. */
  #text(piece: Buffer, from: number): number {
    let at = from;
    let escaped = this.#escaped;
    for (; at < piece.length; at++) {
      const byte = piece[at]!;
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) break;
    }
    this.#escaped = escaped;
    this.#textBytes += at - from;
    if (this.#textBytes > TEXT_BYTES) this.#bytes = this.#textAt;
    else this.#keep(piece, from, at);
    if (at === piece.length) return at;
    this.#inText = false;
    this.#keep(piece, at, at + 1);
    return at + 1;
  }

  #structure(byte: number): void {
    const open = this.#open;
    if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      if (open.pop() === undefined) this.#failed = true;
      if (this.#leftOutIn > open.length) this.#leftOutIn = 0;
    } else if (byte === COMMA && this.#leftOutIn === 0 && (open.at(-1) ?? OBJECT) !== OBJECT) {
      open[open.length - 1]!++;
      if (open.at(-1)! >= ITEMS) this.#leftOutIn = open.length;
    }
    if (this.#leftOutIn === 0) {
      this.#room(1);
      this.#out[this.#bytes++] = byte;
    }
    if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      open.push(byte === OPEN_LIST ? 0 : OBJECT);
      if (open.length > DEPTH) this.#failed = true;
    } else if (byte === QUOTE) {
      this.#inText = true;
      this.#textAt = this.#bytes;
      this.#textBytes = 0;
    }
  }

  #keep(piece: Buffer, from: number, to: number): void {
    if (this.#leftOutIn > 0) return;
    this.#room(to - from);
    this.#bytes += piece.copy(this.#out, this.#bytes, from, to);
  }

  #room(bytes: number): void {
    if (this.#bytes + bytes <= this.#out.length) return;
    if (this.#bytes + bytes > MAX_BYTES) {
      this.#failed = true;
      this.#bytes = 0;
      return;
    }
    const more = Buffer.allocUnsafe(Math.max(this.#out.length * 2, this.#bytes + bytes));
    this.#out.copy(more, 0, 0, this.#bytes);
    this.#out = more;
  }
}
