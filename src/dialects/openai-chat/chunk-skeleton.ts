// Chunks of one stream mostly differ in nothing but the text they carry. Once a chunk was parsed, one that has the same
// bytes around its text is the same JSON with another string in it: it need not be parsed to be known. Saves 1.5 us a
// token, most of it strings that JSON.parse() makes and nobody looks at.

/** Streams whose chunks differ elsewhere too (padding against traffic analysis) are no longer looked at after so many. */
const MAX_MISSES = 8;
const KEY = '"content"';
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

export class ChunkSkeleton {
  #before = '';
  #behind = '';
  #misses = 0;

  /** True when `data` is the chunk last learned with another text in it, which is not empty and holds no escape. */
  matches(data: string): boolean {
    const from = this.#before.length;
    const to = data.length - this.#behind.length;
    if (from === 0 || to <= from) return false;
    // Slices share the characters and are compared words at a time; startsWith() goes one by one.
    if (data.slice(0, from) !== this.#before || data.slice(to) !== this.#behind) return false;
    for (let at = from; at < to; at++) {
      const code = data.charCodeAt(at);
      if (code === QUOTE || code === BACKSLASH || code < SPACE) return false;
    }
    this.#misses = 0;
    return true;
  }

  /** The text of a chunk that matches. */
  textOf(data: string): string {
    return data.slice(this.#before.length, data.length - this.#behind.length);
  }

  /** Knows no chunk any more. */
  forget(): void {
    this.#before = '';
  }

  /**
   * Learns a chunk that was parsed and whose only choice has a delta with this `content`. Does nothing unless it is
   * beyond doubt where that text stands: no escape anywhere, so each key is spelled as it is, and one such key.
   */
  learn(data: string, content: string): void {
    if (this.#misses >= MAX_MISSES) return;
    this.#misses++;
    const key = data.indexOf(KEY);
    if (key < 0 || data.includes(KEY, key + 1) || data.includes('\\')) return;
    let start = key + KEY.length;
    if (data.charCodeAt(start++) !== COLON) return;
    if (data.charCodeAt(start) === SPACE) start++;
    if (data.charCodeAt(start++) !== QUOTE) return;
    const end = start + content.length;
    if (!data.startsWith(content, start) || data.charCodeAt(end) !== QUOTE) return;
    this.#before = data.slice(0, start);
    this.#behind = data.slice(end);
  }
}
