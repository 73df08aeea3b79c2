// What every method of gRPC has in common on a stream of HTTP/2, whether or not it is a call of ours.
import {
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { GRPC_CODES, type GrpcCodeName } from '../../contracts/grpc.ts';
import { encodeGrpcMessage } from '../../wire/grpc.ts';
import { LINGER_BYTES, LINGER_MS } from '../exchange/linger.ts';

export const GRPC_HEADERS = {
  ':status': 200,
  'content-type': 'application/grpc',
  'grpc-accept-encoding': 'identity',
} as const;

export function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? '';
  return headers[':method'] === 'POST' && /^application\/grpc(?:\+proto)?(?:$|;)/.test(type);
}

/** Ends a call before anything of it was answered, or behind what was. */
export function endWith(
  stream: ServerHttp2Stream,
  code: GrpcCodeName,
  message = '',
  more: OutgoingHttpHeaders = {},
): void {
  if (stream.destroyed || stream.writableEnded) return;
  const trailers = {
    ...more,
    'grpc-status': String(GRPC_CODES[code]),
    ...(message !== '' && { 'grpc-message': encodeGrpcMessage(message) }),
  };
  if (stream.headersSent) {
    stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    stream.end();
    return;
  }
  stream.respond({ ...GRPC_HEADERS, ...trailers }, { endStream: true });
  letGo(stream);
}

/** It is answered, and its client may still be sending: that is read away for a bounded while, then the stream is reset. */
export function letGo(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.readableEnded) return;
  const late = setTimeout(() => stream.close(constants.NGHTTP2_NO_ERROR), LINGER_MS).unref();
  let left = LINGER_BYTES;
  stream.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) stream.close(constants.NGHTTP2_NO_ERROR);
  });
  stream.on('close', () => clearTimeout(late));
  stream.resume();
}

/** Begins an answer that ends by `endWith`. */
export function beginAnswer(stream: ServerHttp2Stream): void {
  if (!stream.headersSent && !stream.destroyed) stream.respond(GRPC_HEADERS, { waitForTrailers: true });
}
