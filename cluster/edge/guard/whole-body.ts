// A request's body in memory, where it has to be read before it may go on.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';

/** Nothing that an agent sends is longer. */
const MAX_BYTES = 64 * 1024 * 1024;

const DECODERS: Readonly<
  Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Longer than may be, or in an encoding that nobody here knows. */
export class UnreadableBody extends Error {}

/** As it came. @throws UnreadableBody */
export async function wholeBody(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_BYTES) throw new UnreadableBody(`it is longer than ${MAX_BYTES} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Null: it is no JSON, and offers no tools to anybody. @throws UnreadableBody */
export async function parsedBody(bytes: Buffer, encoding: string): Promise<unknown> {
  let plain = bytes;
  for (const name of encoding.toLowerCase().split(',').reverse()) {
    const coding = name.trim();
    if (coding === '' || coding === 'identity') continue;
    const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
    if (decode === undefined) throw new UnreadableBody(`its encoding ${coding.slice(0, 40)} is not known`);
    plain = await decode(plain, { maxOutputLength: MAX_BYTES }).catch(() => {
      throw new UnreadableBody('its encoding is damaged, or it is too long');
    });
  }
  try {
    return JSON.parse(plain.toString('utf8'));
  } catch {
    return null;
  }
}
