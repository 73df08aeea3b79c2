// A large answer is read for what a few short values say; its long text is not decoded for that. Parsing 32 MB makes
// another 64 MB of strings, which wait for a collection beside the answer that waits for its client.
import type { Buffer } from 'node:buffer';

/** Shorter strings are worth less than a cut. */
const LONG_BYTES = 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * JSON text with its long strings emptied. What they hold is not looked at, so that text which no JSON string may hold
 * passes; all else is as it was, and as broken as it was.
 */
export function abridge(body: Buffer): string {
  let text = '';
  let kept = 0;
  let from = body.indexOf(QUOTE);
  while (from !== -1) {
    const to = stringEnd(body, from + 1);
    if (to === -1) break;
    if (to - from > LONG_BYTES) {
      text += body.toString('utf8', kept, from + 1);
      kept = to;
    }
    from = body.indexOf(QUOTE, to + 1);
  }
  return text + body.toString('utf8', kept);
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
