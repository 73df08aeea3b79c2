// Finds the end that a request's stop sequences give a text, in whatever pieces the text comes. The sequence that is complete first
// counts, of several that end at one place the longest; so pieces and the whole are cut at the same place. Knuth, Morris and Pratt:
// a character is looked at once per sequence, whatever came before.

/** Sequences made ready once for all texts of an answer. None is empty. */
export interface StopSet {
  readonly stops: readonly string[];
  /** Per sequence and length of its part that was matched: how much of it still is when the next character is another. */
  readonly fallbacks: readonly Int32Array[];
}

export function createStopSet(stops: readonly string[]): StopSet {
  return { stops, fallbacks: stops.map(fallbacksOf) };
}

/** One per text. */
export class StopMatcher {
  readonly #set: StopSet;
  /** Characters of each sequence that the end of the text matches. */
  readonly #matched: Int32Array;
  #held = '';
  /** The sequence that ended the text; null = none so far. */
  hit: string | null = null;

  constructor(set: StopSet) {
    this.#set = set;
    this.#matched = new Int32Array(set.stops.length);
  }

  /** @returns what of the text so far certainly is in front of its end. Nothing is taken behind it. */
  take(text: string): string {
    if (this.hit !== null) return '';
    for (let at = 0; at < text.length; at++) {
      const stop = this.#step(text.charCodeAt(at));
      if (stop === null) continue;
      const kept = this.#held.length + at + 1 - stop.length;
      const said = (this.#held + text).slice(0, kept);
      this.hit = stop;
      this.#held = '';
      return said;
    }
    const whole = this.#held + text;
    let open = 0;
    for (const matched of this.#matched) if (matched > open) open = matched;
    if (whole.length === open) {
      this.#held = whole;
      return '';
    }
    this.#held = whole.slice(whole.length - open);
    return open === 0 ? whole : whole.slice(0, whole.length - open);
  }

  /** No more of the text comes: what was held back. */
  rest(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** The longest sequence that the character completes. */
  #step(code: number): string | null {
    const { stops, fallbacks } = this.#set;
    let whole: string | null = null;
    for (let i = 0; i < stops.length; i++) {
      const stop = stops[i]!;
      let matched = this.#matched[i]!;
      while (matched > 0 && stop.charCodeAt(matched) !== code) matched = fallbacks[i]![matched - 1]!;
      if (stop.charCodeAt(matched) === code) matched++;
      this.#matched[i] = matched;
      if (matched === stop.length && (whole === null || stop.length > whole.length)) whole = stop;
    }
    return whole;
  }
}

function fallbacksOf(stop: string): Int32Array {
  const table = new Int32Array(stop.length);
  let matched = 0;
  for (let at = 1; at < stop.length; at++) {
    const code = stop.charCodeAt(at);
    while (matched > 0 && stop.charCodeAt(matched) !== code) matched = table[matched - 1]!;
    if (stop.charCodeAt(matched) === code) matched++;
    table[at] = matched;
  }
  return table;
}
