// A frame of Amazon's binary event stream, written; and known by how it begins. All integers big-endian:
//
//   total length (4) │ header length (4) │ CRC-32 of these 8 (4) │ headers │ payload │ CRC-32 of all before (4)
import { crc32 } from 'node:zlib';
import type { AnswerKind } from '../contracts/framing.ts';
import { writeFrameName } from './event-stream-headers.ts';

/** Length of a frame without headers and payload, and of what stands before its headers. */
export const FRAME_BYTES = 16;
export const PRELUDE_BYTES = 12;
export const CRC_BYTES = 4;

/** Of the events that every stream consists of: written once. */
const WRITTEN: ReadonlyMap<string, Buffer> = new Map(
  [
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'chunk',
  ].map((event) => [event, writeFrameName(event)]),
);

/** One frame. @param event that of an exception begins with `!`. @param payload JSON text. */
export function writeFrame(event: string, payload: string): Buffer {
  const headers = WRITTEN.get(event) ?? writeFrameName(event);
  const length = Buffer.byteLength(payload);
  const total = FRAME_BYTES + headers.length + length;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(total, 0);
  frame.writeUInt32BE(headers.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  headers.copy(frame, PRELUDE_BYTES);
  frame.write(payload, PRELUDE_BYTES + headers.length, 'utf8');
  frame.writeUInt32BE(crc32(frame.subarray(0, total - CRC_BYTES)), total - CRC_BYTES);
  return frame;
}

/** What an answer is by its first bytes: the check sum of a frame's beginning is no accident. */
export function eventStreamKind(bytes: Buffer): AnswerKind {
  const first = bytes.toString('latin1', 0, 64).trimStart()[0];
  if (first === '{' || first === '[') return 'json';
  if (first === undefined && bytes.length < 64) return 'unknown';
  if (bytes.length < PRELUDE_BYTES) return bytes[0] === 0 ? 'unknown' : 'other';
  return crc32(bytes.subarray(0, 8)) === bytes.readUInt32BE(8) ? 'events' : 'other';
}
