// A text as numbers, a piece at a time: an array is read several times faster than a string, which may be a part of another one, or
// two that were put together.

const PIECE_UNITS = 8_192;
/** Up to here a loop copies faster than a call into C++. */
const SHORT_UNITS = 32;

export class CodeUnits {
  /** What `read` left: UTF-16, in memory of its own. */
  readonly units = new Uint16Array(PIECE_UNITS);
  readonly #bytes = Buffer.from(this.units.buffer);

  /** Puts what stands in the text from `from` on into `units`. @returns how many: at least one where any is left. */
  read(text: string, from: number): number {
    const count = Math.min(text.length - from, PIECE_UNITS);
    if (count <= SHORT_UNITS) for (let i = 0; i < count; i++) this.units[i] = text.charCodeAt(from + i);
    else this.#bytes.write(count === text.length ? text : text.slice(from, from + count), 'utf16le');
    return count;
  }
}
