// Where characters stand that no match of some patterns can do without, found in one pass over a text for all of them: a pattern
// is then tried at a few places and not at each.

export class Anchors {
  /** Plain ASCII. */
  readonly characters: string;
  readonly #is: Uint8Array;
  /** The text looked through last, and where runs of anchors begin in it. */
  #text: string | null = null;
  #starts = new Int32Array(64);
  #count = 0;

  /** @param characters plain ASCII. */
  constructor(characters: string) {
    this.characters = characters;
    this.#is = new Uint8Array(128);
    for (const character of characters) this.#is[character.charCodeAt(0)] = 1;
  }

  /** @returns index of the first run that begins at `from` or later; `count` = none. */
  first(text: string, from: number): number {
    if (text !== this.#text) this.#look(text);
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  get count(): number {
    return this.#count;
  }

  at(index: number): number {
    return this.#starts[index]!;
  }

  #look(text: string): void {
    this.#text = text;
    this.#count = 0;
    const is = this.#is;
    let within = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const now = unit < 128 ? is[unit]! : 0;
      if (now > within) this.#add(at);
      within = now;
    }
  }

  #add(at: number): void {
    if (this.#count === this.#starts.length) {
      const grown = new Int32Array(this.#count * 2);
      grown.set(this.#starts);
      this.#starts = grown;
    }
    this.#starts[this.#count++] = at;
  }
}

/** Anchors of a pattern: every match has one, and no more than `reach` characters before the first. */
export interface Anchored {
  readonly anchors: Anchors;
  readonly reach: number;
}
