// What workers tell each other of kept answers, as bytes: MessagePack under a version. What cannot be read is nothing.
import type { CachePurge } from '../../contracts/cache.ts';
import type { CacheNews } from '../../contracts/cache-ports.ts';
import { pack, unpack } from './message-pack.ts';

/** Rises whenever CacheNews changes its meaning, or vectors are made otherwise under the same name. */
export const NEWS_VERSION = 1;
const MAX_DIMENSIONS = 8_192;

export function packNews(news: CacheNews, origin: string): Buffer {
  if (news.kind === 'purged') return pack([NEWS_VERSION, origin, 'purged', news.wanted]);
  const { id, partition, vector, text, untilMs } = news.row;
  const numbers = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return pack([NEWS_VERSION, origin, 'asked', id, partition, text, untilMs, numbers]);
}

/** Null: of another version, or of `origin` itself. */
export function unpackNews(bytes: Buffer, origin: string): CacheNews | null {
  let told: unknown;
  try {
    told = unpack(bytes);
  } catch {
    return null;
  }
  if (!Array.isArray(told) || told[0] !== NEWS_VERSION || told[1] === origin) return null;
  const [, , kind, ...rest] = told as unknown[];
  if (kind === 'purged') return isObject(rest[0]) ? { kind, wanted: rest[0] as CachePurge } : null; // our own writing
  const [id, partition, text, untilMs, numbers] = rest;
  if (kind !== 'asked' || typeof id !== 'string' || typeof partition !== 'string') return null;
  if (typeof text !== 'string' || typeof untilMs !== 'number' || !Buffer.isBuffer(numbers)) return null;
  if (numbers.length === 0 || numbers.length % 4 !== 0 || numbers.length > 4 * MAX_DIMENSIONS) return null;
  // Numbers of four bytes need a place that is a multiple of four.
  const vector = new Float32Array(new Uint8Array(numbers).buffer);
  return { kind, row: { id, partition, text, untilMs, vector } };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
