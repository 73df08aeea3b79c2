// What a worker that is gone had noted and, as far as it knew, not told: read out of its journal.
import type { SegmentPlace } from '../contracts/journal.ts';
import { unpackValues } from '../ipc/codec.ts';
import { AREA_BYTES, CHARGE, ENTRY_BYTES, HEAD_BYTES, ROWS, SEGMENT, TAIL_BYTES, TEXTS } from './piece.ts';

/** A charge, and the message that it was to be told with. Below 0: so much beyond all that was granted. */
export interface LeftCharge {
  readonly batch: number;
  readonly bucketId: string;
  readonly amount: number;
}

/** Rows of a segment that may not be in its file. */
export interface LeftSegment {
  readonly place: SegmentPlace;
  readonly texts: string[];
  readonly callers: unknown[];
  /** Each a call's, packed. */
  readonly records: Buffer[];
}

export interface Left {
  readonly charges: readonly LeftCharge[];
  readonly segments: readonly LeftSegment[];
}

/** @param bytes of the whole file */
export function readLeft(bytes: Buffer, areaBytes = AREA_BYTES): Left {
  const pieces = [...piecesOf(bytes.subarray(0, areaBytes)), ...piecesOf(bytes.subarray(areaBytes))];
  pieces.sort((a, b) => a.number - b.number);
  const written = pieces.at(-1)?.written ?? 0;
  const charges: LeftCharge[] = [];
  const segments = new Map<number, LeftSegment>();
  for (const { entries } of pieces)
    for (const [kind, entry] of entriesOf(entries)) {
      if (kind === CHARGE) {
        const [batch, amount] = [entry.readDoubleLE(0), entry.readDoubleLE(8)];
        charges.push({ batch, amount, bucketId: entry.toString('utf8', 16) });
        continue;
      }
      const first = entry.readUInt32LE(0);
      if (first <= written) continue;
      const rest = entry.subarray(4);
      if (kind === SEGMENT) {
        const [folder, run, node, worker] = unpackValues(rest) as [string, string, string, number];
        if (!segments.has(first))
          segments.set(first, { place: { folder, run, node, worker }, texts: [], callers: [], records: [] });
        continue;
      }
      const segment = segments.get(first);
      if (segment === undefined) continue;
      if (kind === TEXTS) {
        const [text, texts, caller, callers] = unpackValues(rest) as [number, string[], number, unknown[]];
        segment.texts.splice(text, texts.length, ...texts);
        segment.callers.splice(caller, callers.length, ...callers);
      } else if (kind === ROWS) segment.records.push(...recordsOf(rest));
    }
  return { charges, segments: [...segments.values()] };
}

interface Piece {
  readonly number: number;
  readonly written: number;
  readonly entries: Buffer;
}

function piecesOf(area: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at + HEAD_BYTES + TAIL_BYTES <= area.length) {
    const length = area.readUInt32LE(at);
    const number = area.readDoubleLE(at + 4);
    const end = at + length;
    if (length < HEAD_BYTES + TAIL_BYTES || end > area.length) break;
    if (area.readDoubleLE(end - TAIL_BYTES) !== number) break;
    const before = pieces.at(-1);
    if (before !== undefined && number !== before.number + 1) break;
    pieces.push({
      number,
      written: area.readUInt32LE(at + 12),
      entries: area.subarray(at + HEAD_BYTES, end - TAIL_BYTES),
    });
    at = end;
  }
  return pieces;
}

function* recordsOf(rows: Buffer): Generator<Buffer> {
  const count = rows.readUInt32LE(0);
  const records = rows.subarray(4 + 4 * count);
  let from = 0;
  for (let at = 0; at < count; at++) {
    const end = rows.readUInt32LE(4 + 4 * at);
    yield records.subarray(from, end);
    from = end;
  }
}

function* entriesOf(entries: Buffer): Generator<[kind: number, entry: Buffer]> {
  let at = 0;
  while (at < entries.length) {
    const from = at + ENTRY_BYTES;
    const end = from + entries.readUInt32LE(at + 1);
    yield [entries[at]!, entries.subarray(from, end)];
    at = end;
  }
}
