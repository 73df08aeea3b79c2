// A kept answer as bytes for Redis and back: MessagePack, compressed where that saves something. An entry of another version, or
// one that cannot be read, is none.
//
//   1 byte version │ 1 byte: 0 plain, 1 zstd │ entry
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { CachedAnswer } from '../../contracts/cache.ts';
import { pack, unpack } from './message-pack.ts';

/** Rises whenever CachedAnswer changes its meaning. */
export const ANSWER_VERSION = 1;
/** Smaller ones fit a packet anyway. */
const COMPRESS_BYTES = 2_048;
const PLAIN = 0;
const ZSTD = 1;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export async function packAnswer(entry: CachedAnswer): Promise<Buffer> {
  const packed = pack(entry);
  const small = packed.length < COMPRESS_BYTES ? packed : await compress(packed);
  const coding = small === packed ? PLAIN : ZSTD;
  return Buffer.concat([Buffer.of(ANSWER_VERSION, coding), small]);
}

/** @param maxBytes of the entry: what claims to be more is none. */
export async function unpackAnswer(bytes: Buffer, maxBytes: number): Promise<CachedAnswer | null> {
  if (bytes[0] !== ANSWER_VERSION) return null;
  try {
    const rest = bytes.subarray(2);
    const packed = bytes[1] === ZSTD ? await decompress(rest, { maxOutputLength: maxBytes }) : rest;
    const entry: unknown = unpack(packed);
    if (!isAnswer(entry)) return null;
    // A part of what was read would keep all of it, and so would one of Node's pool.
    const body = Buffer.allocUnsafeSlow(entry.body.length);
    entry.body.copy(body);
    return { ...entry, body };
  } catch {
    return null;
  }
}

// Our own writing under a version of its own: that it is one at all is enough.
function isAnswer(value: unknown): value is CachedAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    'body' in value &&
    Buffer.isBuffer(value.body) &&
    'staleUntilMs' in value &&
    typeof value.staleUntilMs === 'number' &&
    'labels' in value
  );
}
