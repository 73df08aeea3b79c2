// Sets of ASCII characters, looked for together: one bit for each set, and for each character the sets that it is in.

/** Bits of a number, less its sign. */
const MOST = 31;

export class SignSet {
  readonly #sets: readonly string[];
  /** By code unit below 128. */
  readonly #of = new Int32Array(128);
  readonly #all: number;

  /** @param sets characters of each; of more than 31 that differ the others have no place. */
  constructor(sets: readonly string[]) {
    this.#sets = [...new Set(sets)].slice(0, MOST);
    for (const [place, set] of this.#sets.entries())
      for (let i = 0; i < set.length; i++) this.#of[set.charCodeAt(i)]! |= 1 << place;
    this.#all = this.#sets.length === MOST ? 0x7fff_ffff : (1 << this.#sets.length) - 1;
  }

  /** Number of its bit; -1 = it has none. */
  placeOf(set: string): number {
    return this.#sets.indexOf(set);
  }

  /** Which of the sets the first `count` units have a character of. @param known those that need not be looked for. */
  in(units: Uint16Array, count: number, known: number): number {
    const of = this.#of;
    let missing = this.#all & ~known;
    if (missing === 0) return known;
    for (let i = 0; i < count; i++) {
      const unit = units[i]!;
      if (unit >= 128 || (of[unit]! & missing) === 0) continue;
      missing &= ~of[unit]!;
      if (missing === 0) break;
    }
    return this.#all & ~missing;
  }

  /** Where the longest run at the end of the text begins that is of one of the sets alone. @param least no further than there. */
  tailOf(text: string, least: number): number {
    const of = this.#of;
    let at = text.length;
    let sets = this.#all;
    while (at > least) {
      const unit = text.charCodeAt(at - 1);
      sets &= unit < 128 ? of[unit]! : 0;
      if (sets === 0) break;
      at--;
    }
    return at;
  }
}
