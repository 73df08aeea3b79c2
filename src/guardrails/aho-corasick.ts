// Many literals in one pass over a text (Aho and Corasick 1975), as a table: a class of characters and a state lead to the next
// state. Case does not count in it: whoever minds looks again at what was found.

/** States times classes, so that a configuration cannot ask for any amount of memory. */
const MAX_CELLS = 8_000_000;

export class LiteralTable {
  /** Class of each UTF-16 unit; 0 = in none of the literals. */
  readonly #classes = new Uint16Array(65_536);
  readonly #width: number;
  /** Offset of the next row, by row and class. */
  readonly #next: Int32Array;
  /** 1 + number of the list of literals that end in a state, by row; 0 = none do. */
  readonly #ends: Int32Array;
  readonly #lists: number[][] = [];
  /** Length of what was read that may be the beginning of a literal, by row. */
  readonly #depths: Int32Array;

  /** @param literals not empty; equal ones are found together. @throws RangeError when they are too many. */
  constructor(literals: readonly string[]) {
    const folded = literals.map(fold);
    let classes = 1;
    for (const literal of folded)
      for (let i = 0; i < literal.length; i++) {
        const unit = literal.charCodeAt(i);
        if (this.#classes[unit] === 0) this.#classes[unit] = classes++;
      }
    // The other case of a letter is the same class.
    for (let unit = 0; unit < 65_536; unit++) {
      if (this.#classes[unit] !== 0) continue;
      const lower = fold(String.fromCharCode(unit));
      if (lower.length === 1) this.#classes[unit] = this.#classes[lower.charCodeAt(0)]!;
    }
    this.#width = classes;
    const rows: Map<number, number>[] = [new Map()];
    const ends: number[][] = [[]];
    const depths: number[] = [0];
    for (const [index, literal] of folded.entries()) {
      let row = 0;
      for (let i = 0; i < literal.length; i++) {
        const unit = this.#classes[literal.charCodeAt(i)]!;
        let to = rows[row]!.get(unit);
        if (to === undefined) {
          to = rows.length;
          rows.push(new Map());
          ends.push([]);
          depths.push(i + 1);
          rows[row]!.set(unit, to);
        }
        row = to;
      }
      ends[row]!.push(index);
    }
    if (rows.length * classes > MAX_CELLS) throw new RangeError('too many literals');
    this.#next = new Int32Array(rows.length * classes);
    this.#ends = new Int32Array(rows.length * classes);
    this.#depths = new Int32Array(rows.length * classes);
    this.#link(rows, ends);
    for (const [row, list] of ends.entries()) {
      this.#depths[row * classes] = depths[row]!;
      if (list.length > 0) this.#ends[row * classes] = this.#lists.push(list);
    }
  }

  #link(rows: readonly Map<number, number>[], ends: number[][]): void {
    const width = this.#width;
    const next = this.#next;
    const fails = new Int32Array(rows.length);
    const order: number[] = [];
    for (const [unit, to] of rows[0]!) {
      next[unit] = to * width;
      order.push(to);
    }
    for (let at = 0; at < order.length; at++) {
      const row = order[at]!;
      const fail = fails[row]!;
      ends[row]!.push(...ends[fail]!);
      for (let unit = 0; unit < width; unit++) {
        const to = rows[row]!.get(unit);
        if (to === undefined) next[row * width + unit] = next[fail * width + unit]!;
        else {
          fails[to] = next[fail * width + unit]! / width;
          next[row * width + unit] = to * width;
          order.push(to);
        }
      }
    }
  }

  /** Tells each literal that stands in the text, with where it ends; in the order of their ends. */
  find(text: string, from: number, found: (literal: number, end: number) => void): void {
    const next = this.#next;
    const classes = this.#classes;
    const ends = this.#ends;
    let row = 0;
    for (let at = from; at < text.length; at++) {
      row = next[row + classes[text.charCodeAt(at)]!]!;
      const list = ends[row]!;
      if (list !== 0) for (const literal of this.#lists[list - 1]!) found(literal, at + 1);
    }
  }

  /** How many of the last characters may be the beginning of a literal, or all of it. */
  pending(text: string, from: number): number {
    const next = this.#next;
    const classes = this.#classes;
    let row = 0;
    for (let at = from; at < text.length; at++) row = next[row + classes[text.charCodeAt(at)]!]!;
    return this.#depths[row]!;
  }

  /** Notes in `seen` (one byte a literal) which stand in the text. @returns whether any does. */
  mark(text: string, from: number, seen: Uint8Array): boolean {
    const next = this.#next;
    const classes = this.#classes;
    const ends = this.#ends;
    let row = 0;
    let any = false;
    for (let at = from; at < text.length; at++) {
      row = next[row + classes[text.charCodeAt(at)]!]!;
      const list = ends[row]!;
      if (list === 0) continue;
      any = true;
      for (const literal of this.#lists[list - 1]!) seen[literal] = 1;
    }
    return any;
  }
}

/** Lower case without a change of length. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}
