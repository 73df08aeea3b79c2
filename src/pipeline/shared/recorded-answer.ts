// An answer as it was given, to be given again: status, headers, bytes. One block of bytes between processes:
//
//   length of the head (4 bytes, big-endian) | head as JSON | body
import type { Shared } from '../../contracts/shared-answer.ts';
import type { HeaderList } from '../../contracts/sink.ts';

export interface RecordedAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  /** It came in pieces: without a length. */
  readonly streamed: boolean;
  readonly body: Buffer;
}

const LENGTH_BYTES = 4;
/** What was true of the first caller at that moment alone. */
const MOMENTARY = /^(?:x-ratelimit-|ratelimit|anthropic-ratelimit-|server-timing$|retry-after)/;

export function packAnswer({ status, headers, streamed, body }: RecordedAnswer): Buffer {
  const head = Buffer.from(JSON.stringify([status, streamed, headers]));
  const length = Buffer.allocUnsafe(LENGTH_BYTES);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, body]);
}

/** @returns null for what nobody of us packed. */
export function unpackAnswer(bytes: Buffer): RecordedAnswer | null {
  if (bytes.length < LENGTH_BYTES) return null;
  const end = LENGTH_BYTES + bytes.readUInt32BE();
  if (end > bytes.length) return null;
  let head: unknown;
  try {
    head = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, end));
  } catch {
    return null;
  }
  if (!Array.isArray(head)) return null;
  const [status, streamed, headers] = head as unknown[];
  if (!Number.isInteger(status) || typeof streamed !== 'boolean' || !isHeaderList(headers)) return null;
  return { status: status as number, streamed, headers, body: bytes.subarray(end) }; // checked above
}

function isHeaderList(value: unknown): value is HeaderList {
  return (
    Array.isArray(value) &&
    value.every(
      (pair) =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        typeof pair[0] === 'string' &&
        typeof pair[1] === 'string',
    )
  );
}

/** The headers of an answer for a caller that shares it. */
export function sharedHeaders(headers: HeaderList, how: Shared): HeaderList {
  const kept = headers.filter(([name]) => !MOMENTARY.test(name));
  const replayed: HeaderList = how === 'coalesced' ? [] : [['idempotent-replayed', 'true']];
  return [...kept, ['x-headgate-shared', how], ...replayed];
}
