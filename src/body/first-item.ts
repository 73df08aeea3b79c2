// The first item of a list in a body, found by its brackets alone.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/**
 * End of the first item of the list that begins at `start`, at most `limit` bytes on.
 *
 * @param body an inspected body, so valid JSON.
 */
export function firstItemEnd(body: Buffer, start: number, limit: number): number {
  const last = Math.min(body.length, start + limit);
  let depth = 0;
  for (let at = start; at < last; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      for (at++; at < last && body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
    } else if (byte === 0x5b || byte === 0x7b) depth++;
    else if (byte === 0x5d || byte === 0x7d) {
      depth--;
      if (depth === 0) return at;
    } else if (byte === COMMA && depth === 1) return at;
  }
  return last;
}
