// Many literals in one pass over a text. Case does not count in it: whoever minds looks again at what was found.
import { linked } from './automaton.ts';
import { CodeUnits } from './code-units.ts';

/** States times classes, so that a configuration cannot ask for any amount of memory. */
const MAX_CELLS = 8_000_000;

export class LiteralTable {
  /** Class of each UTF-16 unit; 0 = in none of the literals. */
  readonly #classes = new Uint16Array(65_536);
  /** 1 = a literal begins with this unit. */
  readonly #begins = new Uint8Array(65_536);
  /** Offset of the next row, by row and class; its complement where a literal ends there. */
  readonly #next: Int32Array;
  /** 1 + number of the list of literals that end in a state, by row; 0 = none do. */
  readonly #ends: Int32Array;
  readonly #lists: number[][] = [];
  readonly #text = new CodeUnits();
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
    for (const letter of new Set(folded.join('')))
      for (const other of otherCases(letter))
        this.#classes[other.charCodeAt(0)] ||= this.#classes[letter.charCodeAt(0)]!;
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
    this.#next = linked(rows, classes, (state, from) => ends[state]!.push(...ends[from]!));
    this.#ends = new Int32Array(rows.length * classes);
    this.#depths = new Int32Array(rows.length * classes);
    for (const [row, list] of ends.entries()) {
      this.#depths[row * classes] = depths[row]!;
      if (list.length > 0) this.#ends[row * classes] = this.#lists.push(list);
    }
    for (let unit = 0; unit < 65_536; unit++)
      if (this.#next[this.#classes[unit]!] !== 0) this.#begins[unit] = 1;
    for (let at = 0; at < this.#next.length; at++)
      if (this.#ends[this.#next[at]!]! > 0) this.#next[at] = ~this.#next[at]!;
  }

  /**
   * Goes over `count` units from `row` on, and tells of the literals that end there with the index behind their last unit.
   *
   * @param row where the piece before left it; 0 = at the beginning. @returns where it is.
   */
  step(
    units: Uint16Array,
    count: number,
    row: number,
    found: (literals: readonly number[], end: number) => void,
  ): number {
    const next = this.#next;
    const classes = this.#classes;
    const begins = this.#begins;
    let at = row;
    let i = 0;
    for (;;) {
      // Where no literal has begun most units begin none.
      if (at === 0) while (i < count && begins[units[i]!] === 0) i++;
      if (i >= count) return at;
      at = next[at + classes[units[i]!]!]!;
      i++;
      if (at >= 0) continue;
      at = ~at;
      found(this.#lists[this.#ends[at]! - 1]!, i);
    }
  }

  /** Tells each literal that stands in the text, with where it ends; in the order of their ends. */
  find(text: string, from: number, found: (literal: number, end: number) => void): void {
    this.#over(text, from, (literals, end) => {
      for (const literal of literals) found(literal, end);
    });
  }

  /** How many of the last characters may be the beginning of a literal, or all of it. */
  pending(text: string, from: number): number {
    return this.#depths[this.#over(text, from, PASS)]!;
  }

  /** Whether nothing stands in a short text, and nothing begins at its end. */
  isClear(text: string): boolean {
    const next = this.#next;
    const classes = this.#classes;
    const begins = this.#begins;
    let row = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (row === 0 && begins[unit] === 0) continue;
      row = next[row + classes[unit]!]!;
      if (row < 0) return false;
    }
    return row === 0;
  }

  #over(text: string, from: number, found: (literals: readonly number[], end: number) => void): number {
    let row = 0;
    for (let at = from; at < text.length; ) {
      const base = at;
      const count = this.#text.read(text, base);
      row = this.step(this.#text.units, count, row, (literals, end) => found(literals, base + end));
      at += count;
    }
    return row;
  }
}

const PASS = (): void => undefined;

/** Letters that stand for another one, as RE2 has it under (?i): the long s, the sign of Kelvin, the sigma at the end of a word. */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ['\u017f', 's'],
  ['\u03c2', '\u03c3'],
]);

/** Lower case, each code unit by itself: what stands around one changes neither it nor how many there are. */
export function fold(text: string): string {
  let folded = '';
  for (let at = 0; at < text.length; at++) {
    const lower = text.charAt(at).toLowerCase();
    folded += lower.length === 1 ? (VARIANTS.get(lower) ?? lower) : text.charAt(at);
  }
  return folded;
}

/** What is not the capital of its small letter (Unicode 17): signs, variants, and digraphs with one capital. */
const OTHER_CAPITALS = '\u017f\u01c5\u01c8\u01cb\u01f2\u03c2\u03f4\u1e9e\u2126\u212a\u212b';
/** Greek capitals with a small iota: their small letters have a capital of two letters. */
const IOTA_FROM = 0x1f88;
const IOTA_TO = 0x1ffc;

/** Single code units that are folded to the letter. */
export function otherCases(letter: string): string[] {
  const cases = [letter.toUpperCase(), ...OTHER_CAPITALS];
  if (letter >= '\u1f80' && letter <= '\u1fff')
    for (let unit = IOTA_FROM; unit <= IOTA_TO; unit++) cases.push(String.fromCharCode(unit));
  return cases.filter((other) => other.length === 1 && other !== letter && fold(other) === letter);
}
