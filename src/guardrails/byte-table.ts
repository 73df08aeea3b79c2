// Byte strings looked for in the bytes of a body, all in one pass: which of them are there, and not where. Letters of ASCII match in
// either case.
import { linked } from './automaton.ts';

export interface Wanted {
  readonly bytes: Uint8Array;
  /** What is told when it is there: a bit, or several. */
  readonly flag: number;
}

/** States times classes. */
const MAX_CELLS = 1_000_000;

export class ByteTable {
  /** Class of each byte; 0 = in none of them. */
  readonly #classes = new Uint8Array(256);
  /** 1 = one of them begins with this byte. */
  readonly #begins = new Uint8Array(256);
  /** Offset of the next row, by row and class; its complement where something ends there. */
  readonly #next: Int32Array;
  /** Flags of what ends in a state, by row. */
  readonly #flags: Int32Array;

  /** @param wanted none of them empty. @throws RangeError when they are too many. */
  constructor(wanted: readonly Wanted[]) {
    let width = 1;
    for (const { bytes } of wanted)
      for (const byte of bytes) if (this.#classes[fold(byte)] === 0) this.#classes[fold(byte)] = width++;
    for (let byte = 0; byte < 256; byte++) this.#classes[byte] = this.#classes[fold(byte)]!;
    const rows: Map<number, number>[] = [new Map()];
    const flags = [0];
    for (const { bytes, flag } of wanted) {
      let row = 0;
      for (const byte of bytes) {
        const unit = this.#classes[byte]!;
        let to = rows[row]!.get(unit);
        if (to === undefined) {
          to = rows.push(new Map()) - 1;
          flags.push(0);
          rows[row]!.set(unit, to);
        }
        row = to;
      }
      flags[row]! |= flag;
    }
    if (rows.length * width > MAX_CELLS) throw new RangeError('too many byte strings');
    this.#next = linked(rows, width, (state, from) => {
      flags[state]! |= flags[from]!;
    });
    this.#flags = new Int32Array(rows.length * width);
    for (let byte = 0; byte < 256; byte++) if (this.#next[this.#classes[byte]!] !== 0) this.#begins[byte] = 1;
    for (const [row, flag] of flags.entries()) this.#flags[row * width] = flag;
    for (let at = 0; at < this.#next.length; at++)
      if (this.#flags[this.#next[at]!] !== 0) this.#next[at] = ~this.#next[at]!;
  }

  /**
   * Flags of all that stands in the bytes.
   * @param enough once one of these is told the rest is not looked at.
   */
  flagsOf(bytes: Uint8Array, enough: number): number {
    const next = this.#next;
    const classes = this.#classes;
    const begins = this.#begins;
    const { length } = bytes;
    let flags = 0;
    let row = 0;
    for (let at = 0; ; ) {
      // Where nothing has begun most bytes begin nothing.
      if (row === 0) while (at < length && begins[bytes[at]!] === 0) at++;
      if (at >= length) return flags;
      row = next[row + classes[bytes[at++]!]!]!;
      if (row >= 0) continue;
      row = ~row;
      flags |= this.#flags[row]!;
      if ((flags & enough) !== 0) return flags;
    }
  }
}

/** The small letter of a capital of ASCII. */
function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}
