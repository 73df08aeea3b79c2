// Changes a few places of a body's bytes and leaves every other byte alone: the byte path's only writer.
import { Buffer } from 'node:buffer';
import type { Edit } from '../contracts/body.ts';

/**
 * The body with its edits made, in one new buffer; the body itself when there are none.
 *
 * @param edits In rising order and not overlapping; insertions have `start === end`.
 */
export function applyEdits(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body;
  let size = body.length;
  let behind = 0;
  for (const { start, end, text } of edits) {
    if (start < behind || end < start || end > body.length) {
      throw new RangeError(`edit [${start}, ${end}) does not follow byte ${behind} of ${body.length}`);
    }
    behind = end;
    size += Buffer.byteLength(text) - (end - start);
  }
  // Every byte is written below.
  const out = Buffer.allocUnsafe(size);
  let from = 0;
  let to = 0;
  for (const { start, end, text } of edits) {
    to += body.copy(out, to, from, start);
    to += out.write(text, to);
    from = end;
  }
  body.copy(out, to, from);
  return out;
}
