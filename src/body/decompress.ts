// Undoes a request's content-encoding, exactly one layer, within bounds on the output: 50 MB of zeros are 80 bytes of
// brotli. Called by pipeline/identify before the body is inspected; zlib works in libuv's threads.
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { GatewayError } from '../contracts/errors.ts';

/** A body may not grow by more than this, but for small ones: prose seldom shrinks below a tenth. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 64 * 1024;

type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const decoders = new Map<string, Decoder>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);
const inflateZlib: Decoder = promisify(inflate);
const inflateBare: Decoder = promisify(inflateRaw);

/**
 * The body without its content-encoding; the body itself when `encoding` is `''` or `identity`.
 *
 * A cut zstd body decodes to its beginning without an error (Node 22.23): the JSON check that follows refuses it.
 *
 * @param encoding The `content-encoding` header as received.
 * @param maxBytes Cap of the decoded body.
 * @throws GatewayError GW_CLIENT_MEDIA_TYPE (unknown or more than one coding), GW_CLIENT_TOO_LARGE,
 *   GW_CLIENT_BAD_REQUEST (not what the header says).
 */
export async function decodeBody(body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const coding = encoding.trim().toLowerCase();
  if (coding === '' || coding === 'identity') return body;
  const decoder = coding === 'deflate' ? pickInflate(body) : decoders.get(coding);
  if (decoder === undefined) {
    throw new GatewayError('GW_CLIENT_MEDIA_TYPE', {
      message: 'The content encoding is not supported; send one of gzip, deflate, br, zstd, or none.',
    });
  }
  const ratioCap = Math.max(RATIO_FREE_BYTES, body.length * MAX_RATIO);
  try {
    return await decoder(body, { maxOutputLength: Math.max(1, Math.min(maxBytes, ratioCap)) });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const message =
        ratioCap < maxBytes
          ? `The request body grows more than ${MAX_RATIO}-fold when it is decompressed.`
          : `The request body is larger than ${maxBytes} bytes when it is decompressed.`;
      throw new GatewayError('GW_CLIENT_TOO_LARGE', { message, cause });
    }
    throw new GatewayError('GW_CLIENT_BAD_REQUEST', {
      message: `The request body could not be decompressed as ${coding}.`,
      cause,
    });
  }
}

// `deflate` means zlib's framing (RFC 9110), but some clients send the bare stream.
function pickInflate(body: Buffer): Decoder {
  const framed = body.length >= 2 && (body[0]! & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;
  return framed ? inflateZlib : inflateBare;
}
