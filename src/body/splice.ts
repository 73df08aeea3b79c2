// Changes a few places of a body's bytes and leaves every other byte alone: the byte path's only writer.
import { Buffer } from 'node:buffer';
import type { Edit } from '../contracts/body.ts';
import type { RequestBody } from '../contracts/upstream.ts';

/** From here on a second block of memory costs more than a write of several pieces. */
const PIECES_BYTES = 64 * 1024;

/**
 * The body with its edits made, to be sent: a large one stays where it is, as views of it around the new texts. The body
 * itself when there are none.
 *
 * @param edits In rising order and not overlapping; insertions have `start === end`.
 */
export function splice(body: Buffer, edits: readonly Edit[]): RequestBody {
  return body.length < PIECES_BYTES || edits.length === 0 ? applyEdits(body, edits) : inPieces(body, edits);
}

/** As `splice`, always in one buffer. */
export function applyEdits(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body;
  // Every byte is written below.
  const out = Buffer.allocUnsafe(sizeAfter(body, edits));
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

function inPieces(body: Buffer, edits: readonly Edit[]): Buffer[] {
  sizeAfter(body, edits);
  const pieces: Buffer[] = [];
  let from = 0;
  for (const { start, end, text } of edits) {
    if (start > from) pieces.push(body.subarray(from, start));
    if (text !== '') pieces.push(Buffer.from(text));
    from = end;
  }
  if (from < body.length) pieces.push(body.subarray(from));
  return pieces;
}

/** @throws RangeError when the edits do not fit the body or each other. */
function sizeAfter(body: Buffer, edits: readonly Edit[]): number {
  let size = body.length;
  let behind = 0;
  for (const { start, end, text } of edits) {
    if (start < behind || end < start || end > body.length) {
      throw new RangeError(`edit [${start}, ${end}) does not follow byte ${behind} of ${body.length}`);
    }
    behind = end;
    size += Buffer.byteLength(text) - (end - start);
  }
  return size;
}
