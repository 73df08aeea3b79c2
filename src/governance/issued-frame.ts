// Rows of issued keys as bytes, one behind the other: so they cross processes and so they lie in memory. A hundred thousand of
// them are a few buffers, no objects: nothing for a collector of garbage to walk, and nothing that is made again on the way.
//
//   u32 bytes of the row | u8 mark | u8 bytes of the id | 32 hash | id | holder as JSON, UTF-8
import { Buffer } from 'node:buffer';
import type { IssuedRow } from '../contracts/gatehouse-ipc.ts';

export const HASH_BYTES = 32;
/** Mark of a row that is nobody's any more. */
export const DEAD = 0;

const MARK_AT = 4;
const ID_BYTES_AT = 5;
const HASH_AT = 6;
const HEAD_BYTES = HASH_AT + HASH_BYTES;
const FIRST_BYTES = 64 * 1024;
const NAME_START = '{"name":"'.length;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

export interface FrameWriter {
  /** Not yet taken. */
  readonly bytes: number;
  /** All rows of an id together, so that whoever reads them knows which others it has no more. */
  add(id: string, rows: readonly IssuedRow[]): void;
  /** What was added since the last time. */
  take(): Buffer;
}

export function createFrameWriter(): FrameWriter {
  let frame = Buffer.allocUnsafe(0);
  let end = 0;

  function room(bytes: number): void {
    if (end + bytes <= frame.length) return;
    const larger = Buffer.allocUnsafe(Math.max(FIRST_BYTES, frame.length * 2, end + bytes));
    frame.copy(larger, 0, 0, end);
    frame = larger;
  }

  return {
    get bytes() {
      return end;
    },
    add(id, rows) {
      const idBytes = Buffer.byteLength(id);
      if (idBytes > 255) throw new RangeError('the id of a key is longer than 255 bytes');
      for (const [hash, holder] of rows) {
        const bytes = HEAD_BYTES + idBytes + Buffer.byteLength(holder);
        room(bytes);
        frame.writeUInt32LE(bytes, end);
        frame[end + MARK_AT] = DEAD + 1;
        frame[end + ID_BYTES_AT] = idBytes;
        if (frame.write(hash, end + HASH_AT, HASH_BYTES, 'base64url') !== HASH_BYTES)
          throw new RangeError('the hash of a key is not of 32 bytes');
        frame.write(id, end + HEAD_BYTES, 'utf8');
        frame.write(holder, end + HEAD_BYTES + idBytes, 'utf8');
        end += bytes;
      }
    },
    take() {
      const taken = Buffer.from(frame.subarray(0, end));
      end = 0;
      return taken;
    },
  };
}

/** Where the row at `at` ends and the next one begins. */
export function rowEnd(frame: Buffer, at: number): number {
  return at + frame.readUInt32LE(at);
}

export function markOf(frame: Buffer, at: number): number {
  return frame[at + MARK_AT]!;
}

export function setMark(frame: Buffer, at: number, mark: number): void {
  frame[at + MARK_AT] = mark;
}

/** A view, not a copy. */
export function hashOf(frame: Buffer, at: number): Buffer {
  return frame.subarray(at + HASH_AT, at + HEAD_BYTES);
}

/** Whether `hash` is that of the row. */
export function hasHash(frame: Buffer, at: number, hash: Buffer): boolean {
  return frame.compare(hash, 0, HASH_BYTES, at + HASH_AT, at + HEAD_BYTES) === 0;
}

/** A view, not a copy. */
export function idOf(frame: Buffer, at: number): Buffer {
  return frame.subarray(at + HEAD_BYTES, at + HEAD_BYTES + frame[at + ID_BYTES_AT]!);
}

/** Where the JSON of the row's holder begins. */
export function holderAt(frame: Buffer, at: number): number {
  return at + HEAD_BYTES + frame[at + ID_BYTES_AT]!;
}

/** Name of the row's holder, which its JSON begins with. */
export function nameOf(frame: Buffer, at: number): string {
  const from = holderAt(frame, at) + NAME_START;
  let to = from;
  let escaped = false;
  for (; frame[to] !== QUOTE; to++) {
    if (frame[to] !== BACKSLASH) continue;
    escaped = true;
    to++;
  }
  const text = frame.toString('utf8', from, to);
  return escaped ? (JSON.parse(`"${text}"`) as string) : text;
}

/** Whether two rows of one hash say the same, whatever their marks. */
export function sameRow(one: Buffer, at: number, other: Buffer, otherAt: number): boolean {
  return (
    one.readUInt32LE(at) === other.readUInt32LE(otherAt) &&
    one.compare(other, otherAt + ID_BYTES_AT, rowEnd(other, otherAt), at + ID_BYTES_AT, rowEnd(one, at)) === 0
  );
}
