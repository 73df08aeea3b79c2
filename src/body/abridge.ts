// A large answer is read for what a few short values say; its long text and its vectors are not decoded for that. Parsing
// 32 MB makes another 64 MB of strings, or of numbers, which wait for a collection beside the answer that waits for its client.
import type { Buffer } from 'node:buffer';

/** Shorter strings and lists are worth less than a cut. */
const LONG_BYTES = 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/**
 * JSON text with its long strings and long lists of numbers emptied. What they hold is not looked at, so that text which no
 * JSON string may hold passes; all else is as it was, and as broken as it was.
 */
export function abridge(body: Buffer): string {
  let text = '';
  let kept = 0;
  /** Where the last string ended. */
  let behind = 0;
  for (;;) {
    const from = body.indexOf(QUOTE, behind);
    const gapEnd = from === -1 ? body.length : from;
    if (gapEnd - behind > LONG_BYTES) {
      for (const [start, end] of longLists(body, behind, gapEnd)) {
        text += body.toString('utf8', kept, start);
        kept = end;
      }
    }
    const to = from === -1 ? -1 : stringEnd(body, from + 1);
    if (to === -1) return text + body.toString('utf8', kept);
    if (to - from > LONG_BYTES) {
      text += body.toString('utf8', kept, from + 1);
      kept = to;
    }
    behind = to + 1;
  }
}

/** What stands inside the long innermost lists between `at` and `end`, where there is no string: nothing but numbers and words. */
function longLists(body: Buffer, at: number, end: number): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (let from = at; ; ) {
    const close = body.indexOf(CLOSE, from);
    if (close === -1 || close >= end) return found;
    const open = body.lastIndexOf(OPEN, close);
    if (open >= from && close - open > LONG_BYTES) found.push([open + 1, close]);
    from = close + 1;
  }
}

/** Where the quote is that ends the string whose first byte is at `at`; -1 when none does. */
function stringEnd(body: Buffer, at: number): number {
  let end = body.indexOf(QUOTE, at);
  while (end !== -1) {
    let slashes = 0;
    while (end - slashes > at && body[end - slashes - 1] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
    end = body.indexOf(QUOTE, end + 1);
  }
  return -1;
}
