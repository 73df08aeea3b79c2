// Changes a few places of a body's bytes and leaves every other byte alone: the byte path's only writer.
import { Buffer } from 'node:buffer';
import type { Edit } from '../contracts/body.ts';
import type { BodyBytes, RequestBody } from '../contracts/upstream.ts';

/**
 * The body with its edits made where it is written, so that nothing is copied twice; the body itself when there are none.
 *
 * @param edits In rising order and not overlapping; insertions have `start === end`.
 */
export function splice(body: Buffer, edits: readonly Edit[]): RequestBody {
  return edits.length === 0 ? body : new EditedBody(body, edits);
}

/** Both lists in one, in rising order; where two overlap, the one of `first` stays. Each is in rising order by itself. */
export function mergeEdits(first: readonly Edit[], second: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  let next = 0;
  for (const edit of second) {
    while (next < first.length && first[next]!.end <= edit.start) merged.push(first[next++]!);
    if (next === first.length || edit.end <= first[next]!.start) merged.push(edit);
  }
  while (next < first.length) merged.push(first[next++]!);
  return merged;
}

/** As `splice`, in one new buffer. */
export function applyEdits(body: Buffer, edits: readonly Edit[]): Buffer {
  if (edits.length === 0) return body;
  const edited = new EditedBody(body, edits);
  // Every byte is written.
  const out = Buffer.allocUnsafe(edited.length);
  edited.copy(out, 0);
  return out;
}

class EditedBody implements BodyBytes {
  readonly length: number;
  readonly #body: Buffer;
  readonly #edits: readonly Edit[];

  /** @throws RangeError when the edits do not fit the body or each other. */
  constructor(body: Buffer, edits: readonly Edit[]) {
    this.length = sizeAfter(body, edits);
    this.#body = body;
    this.#edits = edits;
  }

  copy(out: Buffer, start: number): number {
    const body = this.#body;
    let from = 0;
    let to = start;
    for (const { start: at, end, text } of this.#edits) {
      to += body.copy(out, to, from, at);
      to += out.write(text, to);
      from = end;
    }
    to += body.copy(out, to, from);
    return to - start;
  }

  pieces(): Buffer[] {
    const body = this.#body;
    const pieces: Buffer[] = [];
    let from = 0;
    for (const { start, end, text } of this.#edits) {
      if (start > from) pieces.push(body.subarray(from, start));
      if (text !== '') pieces.push(Buffer.from(text));
      from = end;
    }
    if (from < body.length) pieces.push(body.subarray(from));
    return pieces;
  }
}

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
