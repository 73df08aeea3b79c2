// The only file that knows gpt-tokenizer. One encoding is loaded, on first use: it costs 140 ms and 70 MB of the thread
// that counts, and no request is ever refused by a count alone (model-ratio.ts says what the number is worth per model).

/** Counts the tokens of one text. */
export interface Tokenizer {
  count(text: string): number;
}

/** Longest unbroken run handed to the encoder: its cost grows with the square of such a run (20,000 letters: 300 ms). */
const MAX_RUN = 256;

// An end-of-text mark written by a user is text; by default the library throws on it.
const AS_TEXT = { disallowedSpecial: new Set<string>() };

/** The o200k_base tokenizer. The module system keeps it: only the first call in a thread costs anything. */
export async function loadTokenizer(): Promise<Tokenizer> {
  const encoding = await import('gpt-tokenizer/encoding/o200k_base');
  // The library's cache of merges makes text of rare words slower, not faster: 1 MB of random words took 0.7 s without
  // it, and 9 s once its 100,000 places were full.
  encoding.setMergeCacheSize(0);
  return {
    count: (text) => {
      let tokens = 0;
      for (const piece of breakRuns(text)) tokens += encoding.countTokens(piece, AS_TEXT);
      return tokens;
    },
  };
}

/**
 * Cuts a text inside every run that the encoder would take as one piece, each MAX_RUN characters; a text without long
 * runs stays whole. A cut adds at most one token.
 */
export function breakRuns(text: string): string[] {
  if (text.length <= MAX_RUN) return [text];
  const pieces: string[] = [];
  let from = 0;
  // Starts of the present run of non-space, of space, and of line ends and slashes (which follow punctuation).
  let word = 0;
  let space = 0;
  let line = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const isLine = unit === 0x0a || unit === 0x0d;
    const isSpace = unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x80 && isWideSpace(unit));
    if (isSpace) word = at + 1;
    else space = at + 1;
    if (!isLine && unit !== 0x2f) line = at + 1;
    if (at - Math.min(word, space, line) < MAX_RUN) continue;
    // Between the halves of a surrogate pair there is no cut: it moves before the pair.
    const cut = (unit & 0xfc00) === 0xdc00 ? at - 1 : at;
    pieces.push(text.slice(from, cut));
    from = word = space = line = cut;
  }
  pieces.push(text.slice(from));
  return pieces;
}

function isWideSpace(unit: number): boolean {
  return (
    unit === 0xa0 ||
    unit === 0x1680 ||
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000 ||
    unit === 0xfeff
  );
}
