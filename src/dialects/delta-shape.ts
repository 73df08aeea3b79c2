// Deltas of one text mostly differ in nothing but their number, their text and OpenAI's padding. Once one was parsed, one that
// has the same bytes around these is the same JSON with other values in it: it need not be parsed to be known.
//
//   "…,"sequence_number":  7  ,"item_id":…,"delta":"  Hi  ","logprobs":[],"obfuscation":"  aB3  "}
//    └ literal ──────────┘ number └ literal ──────┘ text └ literal ──────────────────┘ text └ literal

/** Streams whose deltas differ elsewhere too (log probabilities) are no longer looked at after so many. */
const MAX_MISSES = 8;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;
const ZERO = 0x30;

type Slot = 'number' | 'delta' | 'padding';
/** Members that differ from delta to delta, by their key in quotes. One of them is the delta's text. */
export type DeltaKeys = readonly (readonly [key: string, slot: Slot])[];

export class DeltaShape {
  readonly #keys: DeltaKeys;
  #literals: readonly string[] = [];
  #slots: readonly Slot[] = [];
  #misses = 0;
  /** Of the delta that matched last: its number (null = it has none), and its text's length and sum of UTF-16 units. */
  sequence: number | null = null;
  length = 0;
  sum = 0;
  /** Where that text stands, and whether it is spelled with escapes. */
  #from = 0;
  #to = 0;
  #spelled = false;

  constructor(keys: DeltaKeys) {
    this.#keys = keys;
  }

  /** Knows no delta any more. */
  forget(): void {
    this.#literals = [];
  }

  /** True when `data` is the delta last learned with another number, text and padding. */
  matches(data: string): boolean {
    const literals = this.#literals;
    if (literals.length === 0) return false;
    let at = 0;
    this.sequence = null;
    for (let index = 0; ; index++) {
      const literal = literals[index]!;
      const end = at + literal.length;
      // Slices share the characters and are compared words at a time; startsWith() goes one by one.
      if (data.slice(at, end) !== literal) return false;
      at = end;
      if (index === this.#slots.length) break;
      const slot = this.#slots[index]!;
      at = slot === 'number' ? this.#number(data, at) : this.#text(data, at, slot === 'delta');
      if (at < 0) return false;
    }
    if (at !== data.length) return false;
    this.#misses = 0;
    return true;
  }

  /** The text of the delta that matched last. */
  textOf(data: string): string {
    return this.#spelled
      ? (JSON.parse(data.slice(this.#from - 1, this.#to + 1)) as string)
      : data.slice(this.#from, this.#to);
  }

  /**
   * Learns a delta that was parsed. Does nothing unless it is beyond doubt where its values stand: each key once, spelled
   * as it is. (Inside a string a quote is escaped: `"delta":` can only be a key.)
   */
  learn(data: string): void {
    this.forget();
    if (this.#misses >= MAX_MISSES) return;
    this.#misses++;
    const found: { start: number; end: number; slot: Slot }[] = [];
    for (const [key, slot] of this.#keys) {
      const start = valueStart(data, key);
      if (start < 0) {
        if (slot === 'delta' || data.includes(key)) return;
        continue;
      }
      const end = slot === 'number' ? this.#number(data, start) : this.#text(data, start, false);
      if (end < 0 || (slot !== 'number') !== (data.charCodeAt(start - 1) === QUOTE)) return;
      found.push({ start, end, slot });
    }
    found.sort((a, b) => a.start - b.start);
    let from = 0;
    const literals = found.map(({ start, end }) => {
      const literal = data.slice(from, start);
      from = end;
      return literal;
    });
    this.#literals = [...literals, data.slice(from)];
    this.#slots = found.map(({ slot }) => slot);
  }

  /** Takes digits. @returns where they end; -1 = there are none, or too many. */
  #number(data: string, from: number): number {
    let at = from;
    let value = 0;
    for (; at < from + 10; at++) {
      const digit = data.charCodeAt(at) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === from || at === from + 10) return -1;
    this.sequence = value;
    return at;
  }

  /** Takes a string up to its closing quote. @returns where that stands; -1 = it is no valid string. */
  #text(data: string, from: number, counted: boolean): number {
    let at = from;
    let sum = 0;
    let escaped = false;
    for (; at < data.length; at++) {
      const code = data.charCodeAt(at);
      if (code === QUOTE) break;
      if (code < SPACE) return -1;
      if (code === BACKSLASH) {
        escaped = true;
        at++;
      }
      sum = (sum + code) >>> 0;
    }
    if (at >= data.length) return -1;
    if (counted) {
      this.#from = from;
      this.#to = at;
      this.#spelled = escaped;
    }
    if (!escaped && !counted) return at;
    if (escaped) return this.#escaped(data.slice(from - 1, at + 1), counted) ? at : -1;
    this.length = at - from;
    this.sum = sum;
    return at;
  }

  #escaped(json: string, counted: boolean): boolean {
    let text: string;
    try {
      text = JSON.parse(json) as string;
    } catch {
      return false;
    }
    if (!counted) return true;
    this.length = text.length;
    this.sum = 0;
    for (let at = 0; at < text.length; at++) this.sum = (this.sum + text.charCodeAt(at)) >>> 0;
    return true;
  }
}

/** Where the value of the only `key` begins, behind the quote of a string; -1 when it is absent or not alone. */
function valueStart(data: string, key: string): number {
  const at = data.indexOf(key);
  if (at < 0 || data.includes(key, at + 1)) return -1;
  let start = at + key.length;
  if (data.charCodeAt(start++) !== COLON) return -1;
  if (data.charCodeAt(start) === SPACE) start++;
  return data.charCodeAt(start) === QUOTE ? start + 1 : start;
}
