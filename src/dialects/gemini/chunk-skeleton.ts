// Messages of one stream mostly differ in nothing but the text they carry and the counters of their running usage. Once one
// was parsed, another that has the same bytes around these is known without being parsed.

/** Streams whose messages differ elsewhere too are no longer looked at after so many. */
const MAX_MISSES = 8;
const KEY = '"text"';
const USAGE = '"usageMetadata"';
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ZERO = 0x30;
const NINE = 0x39;
const LOWER_U = 0x75;
/** What may stand behind a backslash, but for `u`. */
const ESCAPED = '"\\/bfnrt';
const COUNTERS = /(?<=:\s?)\d+/;

export class ChunkSkeleton {
  #before = '';
  /** What stands behind the text: between each two of these a counter. */
  #behind: readonly string[] = [];
  #misses = 0;
  /** Where the text of the message ends that matched last. */
  #end = 0;

  /** True when `data` is the message last learned with another text in it, which is not empty, and other counters. */
  matches(data: string): boolean {
    const from = this.#before.length;
    if (from === 0 || data.length <= from || data.slice(0, from) !== this.#before) return false;
    let at = textEnd(data, from);
    if (at <= from) return false;
    const end = at;
    for (let piece = 0; piece < this.#behind.length; piece++) {
      if (piece > 0) {
        const digits = at;
        for (let code = data.charCodeAt(at); code >= ZERO && code <= NINE; ) code = data.charCodeAt(++at);
        // None, or one that JSON does not know.
        if (at === digits || (at > digits + 1 && data.charCodeAt(digits) === ZERO)) return false;
      }
      const text = this.#behind[piece]!;
      if (data.slice(at, at + text.length) !== text) return false;
      at += text.length;
    }
    if (at !== data.length) return false;
    this.#misses = 0;
    this.#end = end;
    return true;
  }

  /** The text of the message that matched last. */
  textOf(data: string): string {
    const text = data.slice(this.#before.length, this.#end);
    return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
  }

  /** Knows no message any more. */
  forget(): void {
    this.#before = '';
  }

  /**
   * Learns a message that was parsed and whose only candidate has one part, a text. Does nothing unless it is beyond doubt
   * where that text stands: one such key, and no escape outside the text.
   */
  learn(data: string): void {
    if (this.#misses >= MAX_MISSES) return;
    this.#misses++;
    const key = data.indexOf(KEY);
    if (key < 0 || data.includes(KEY, key + 1)) return;
    let start = key + KEY.length;
    if (data.charCodeAt(start++) !== COLON) return;
    if (data.charCodeAt(start) === SPACE) start++;
    if (data.charCodeAt(start++) !== QUOTE) return;
    const end = textEnd(data, start);
    if (end <= start) return;
    const behind = data.slice(end);
    const before = data.slice(0, start);
    if (before.includes('\\') || behind.includes('\\')) return;
    const usage = behind.indexOf(USAGE);
    this.#before = before;
    if (usage < 0) this.#behind = [behind];
    else {
      const [first = '', ...rest] = behind.slice(usage).split(COUNTERS);
      this.#behind = [behind.slice(0, usage) + first, ...rest];
    }
  }
}

/** Where the quote stands that ends the string which begins at `from`; -1 where it is not JSON. */
function textEnd(data: string, from: number): number {
  for (let at = from; at < data.length; at++) {
    const code = data.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code < SPACE) return -1;
    if (code !== BACKSLASH) continue;
    at++;
    if (data.charCodeAt(at) === LOWER_U) {
      if (!/^[0-9a-fA-F]{4}$/.test(data.slice(at + 1, at + 5))) return -1;
      at += 4;
    } else if (!ESCAPED.includes(data.charAt(at)) || at >= data.length) return -1;
  }
  return -1;
}
