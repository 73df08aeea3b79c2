// Parts of our own keys in what an upstream says of them: `Incorrect API key provided: sk-ab***xyz`, `ending in xyz0`, a
// piece of it by itself. What is left to guess is the smaller for each. Pure, and for texts of errors only: it looks at
// every byte.

/** What stands where a part of a key stood; as in redact.ts without letters, so that no key can be part of it. */
const MASK = '***';
/** Shorter values have no parts worth a mask: what is masked would be words. */
const MIN_SECRET = 12;
/** Characters in a row that two texts seldom share by chance. */
const GRAM = 8;
/** Characters in a row that are no chance even where they are lower-case letters alone. */
const LONG = 12;
/** What stands for the left-out middle: stars, dots, bullets and an ellipsis (as UTF-8 in latin1, or as JSON escapes). */
const GAP = /\*+|\.{2,}|(?:\xe2\x80[\xa2\xa6])+|(?:\\u202[26])+/g;
/** Most of a token that is looked at on each side of a gap. */
const MAX_SIDE = 256;
/** Gaps, and words that announce an end, looked at in one text: no error has more, a flood would stop the event loop. */
const MAX_LOOKS = 1_000;
/** What says that a few characters behind it are the beginning or the end of a key. */
const TOLD = /\b(?:end|ends|ending|last|suffix|start|starts|starting|begin|begins|beginning|prefix)\b/gi;
const TOLD_WINDOW = 40;
const TOKEN = /[\w-]+/g;

type Range = [from: number, to: number];

/** Masks parts of `secrets`; returns the very same buffer when it holds none. */
export type FragmentMask = (bytes: Buffer) => Buffer;

export function createFragmentMask(secrets: readonly string[]): FragmentMask {
  const keys = [...new Set(secrets)].filter((secret) => secret.length >= MIN_SECRET);
  if (keys.length === 0) return (bytes) => bytes;
  // Made when the first error comes: most configurations never see one that needs it.
  let grams: GramTable | null = null;
  return (bytes) => {
    const text = bytes.toString('latin1');
    grams ??= createGramTable(keys);
    const ranges = [...elided(text, keys), ...told(text, keys), ...grams(text)];
    return ranges.length === 0 ? bytes : Buffer.from(without(text, ranges), 'latin1');
  };
}

/** `sk-ab***xyz`, `sk-ab...`, `****xyz`: the whole token, where its sides are the beginning and the end of a key. */
function elided(text: string, keys: readonly string[]): Range[] {
  const found: Range[] = [];
  let looks = 0;
  for (const { 0: gap, index } of text.matchAll(GAP)) {
    if (++looks > MAX_LOOKS) break;
    let from = index;
    while (from > 0 && index - from < MAX_SIDE && isWord(text.charCodeAt(from - 1))) from--;
    // The letter of a JSON escape (`\nsk-…`) is none of the token's.
    if (from < index && text[from - 1] === '\\') from++;
    let to = index + gap.length;
    while (to < text.length && to - index - gap.length < MAX_SIDE && isWord(text.charCodeAt(to))) to++;
    const head = text.slice(from, index);
    const tail = text.slice(index + gap.length, to);
    // Dots also end sentences.
    const least = gap.startsWith('.') ? 3 : 2;
    const fits = keys.some(
      (key) => Math.max(head.length, tail.length) >= least && key.startsWith(head) && key.endsWith(tail),
    );
    if (fits) found.push([from, to]);
  }
  return found;
}

/** `ending in xyz0`: the token, where a key ends (or begins) so. */
function told(text: string, keys: readonly string[]): Range[] {
  const found: Range[] = [];
  let looks = 0;
  for (const match of text.matchAll(TOLD)) {
    if (++looks > MAX_LOOKS) break;
    const start = match.index + match[0].length;
    const window = text.slice(start, start + TOLD_WINDOW).split(/[,{}]/, 1)[0]!;
    for (const { 0: token, index } of window.matchAll(TOKEN)) {
      if (
        token.length < 3 ||
        (index + token.length === TOLD_WINDOW && isWord(text.charCodeAt(start + TOLD_WINDOW)))
      )
        continue;
      if (keys.some((key) => key.endsWith(token) || key.startsWith(token))) {
        found.push([start + index, start + index + token.length]);
      }
    }
  }
  return found;
}

type GramTable = (text: string) => Range[];

/** Finds runs of eight and more characters that stand in a key. */
function createGramTable(keys: readonly string[]): GramTable {
  const places = new Map<string, [key: string, at: number][]>();
  // Most positions of a text share not even their first characters with a key: one look tells.
  const filter = new Uint8Array(1 << 16);
  for (const key of keys) {
    for (let at = 0; at + GRAM <= key.length; at++) {
      const gram = key.slice(at, at + GRAM);
      const known = places.get(gram);
      if (known === undefined) places.set(gram, [[key, at]]);
      else known.push([key, at]);
      filter[hash(key, at)] = 1;
    }
  }
  return (text) => {
    const found: Range[] = [];
    for (let at = 0; at + GRAM <= text.length; at++) {
      if (filter[hash(text, at)] === 0) continue;
      const here = places.get(text.slice(at, at + GRAM));
      if (here === undefined) continue;
      let longest = 0;
      let begins = false;
      for (const [key, from] of here) {
        const length = common(text, at, key, from);
        if (length > longest) longest = length;
        begins ||= from === 0;
      }
      const run = text.slice(at, at + longest);
      if (begins || longest >= LONG || /[A-Z\d]/.test(run)) found.push([at, at + longest]);
      at += longest - GRAM;
    }
    return found;
  };
}

function hash(text: string, at: number): number {
  const first = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
  const third = text.charCodeAt(at + 3) | (text.charCodeAt(at + 6) << 8);
  return (first * 31 + third) & 0xffff;
}

function common(text: string, at: number, key: string, from: number): number {
  let length = GRAM;
  while (from + length < key.length && text[at + length] === key[from + length]) length++;
  return length;
}

function isWord(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}

function without(text: string, ranges: Range[]): string {
  ranges.sort((a, b) => a[0] - b[0]);
  let masked = '';
  let at = 0;
  for (const [from, to] of ranges) {
    if (to <= at) continue;
    if (from >= at) masked += text.slice(at, from) + MASK;
    at = to;
  }
  return masked + text.slice(at);
}
