// Segments of a spool file: what a worker had to say at one time, in a frame that shows whether it is whole.
//
//   length u32 | crc32 u32 | MessagePack [version, node, worker, texts, callers, records, bodies]
import { crc32 } from 'node:zlib';
import { packValues, unpackValues } from '../../ipc/codec.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import type { KeptBody } from '../../contracts/log-store.ts';
import type { Packed, SegmentTable } from './record.ts';
import { rowsOf, type SegmentHead } from './rows.ts';

const VERSION = 1;
const FRAME_BYTES = 8;
/** Of MessagePack. */
const LIST_OF_SEVEN = 0x97;
const LIST_32 = 0xdd;
/** Beyond that it is no length. */
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;

export interface Segment {
  readonly rows: readonly LogRow[];
  readonly bodies: readonly KeptBody[];
  /** Calls in it. */
  readonly calls: number;
}

/** @param records of `calls` calls, packed */
export function packSegment(
  where: Pick<SegmentHead, 'node' | 'worker'>,
  { texts, callers }: Pick<SegmentTable, 'texts' | 'callers'>,
  records: Uint8Array,
  calls: number,
  bodies: readonly KeptBody[],
): Buffer {
  // The list of them all, value by value: the records are packed already.
  const payload = [
    Buffer.from([LIST_OF_SEVEN]),
    ...[VERSION, where.node, where.worker, texts, callers].map(packValues),
    listHead(calls),
    records,
    packValues(bodies),
  ];
  const bytes = Buffer.concat([Buffer.alloc(FRAME_BYTES), ...payload]);
  const length = bytes.length - FRAME_BYTES;
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(crc32(bytes.subarray(FRAME_BYTES)), 4);
  return bytes;
}

function listHead(count: number): Buffer {
  const head = Buffer.from([LIST_32, 0, 0, 0, 0]);
  head.writeUInt32BE(count, 1);
  return head;
}

export type Frame =
  | { readonly kind: 'whole'; readonly payload: Buffer; readonly end: number }
  /** The rest of it is not there, or not yet. */
  | { readonly kind: 'short' }
  /** What stands there was never a segment of ours: nothing behind it can be found. */
  | { readonly kind: 'broken' };

/** The frame that begins at `at`. */
export function frameAt(bytes: Buffer, at: number): Frame {
  if (bytes.length - at < FRAME_BYTES) return { kind: 'short' };
  const length = bytes.readUInt32BE(at);
  if (length === 0 || length > MAX_SEGMENT_BYTES) return { kind: 'broken' };
  const end = at + FRAME_BYTES + length;
  if (bytes.length < end) return { kind: 'short' };
  const payload = bytes.subarray(at + FRAME_BYTES, end);
  return crc32(payload) === bytes.readUInt32BE(at + 4) ? { kind: 'whole', payload, end } : { kind: 'broken' };
}

/** @throws when it is of another version, or no segment. */
export function openSegment(payload: Buffer): Segment {
  const [version, node, worker, texts, callers, records, bodies] = unpackValues(payload) as [
    number,
    string,
    number,
    string[],
    Packed[],
    Packed[],
    KeptBody[],
  ]; // the checksum was right, and the version is looked at
  if (version !== VERSION) throw new Error(`segments of version ${version} are not known here`);
  const head: SegmentHead = { node, worker, texts, callers };
  return { rows: records.flatMap((record) => rowsOf(record, head)), bodies, calls: records.length };
}
