// Which GatewayError a failed upstream exchange is: decided by how far it came and by the error's code, never by its
// text. Pure; the codes are undici's (UND_ERR_*), OpenSSL's and the system's.
import { GatewayError } from '../contracts/errors.ts';

/**
 * How far an exchange came:
 * - `waiting`: for its turn on a socket that is open, nothing was sent.
 * - `connecting`: its own socket is not connected yet, nothing was sent.
 * - `sent`: the request went out, no byte came back.
 * - `began`: bytes came, but no whole head.
 * - `head`: the head is there, the body is not.
 */
export type Progress = 'waiting' | 'connecting' | 'sent' | 'began' | 'head';

/** Certificates and TLS versions do not mend within a request's time: asking the same host again is pointless. */
const TLS_REFUSED =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_|ERR_TLS_|ERR_SSL_|EPROTO)/;

/** An open socket broke. */
const BROKEN = new Set(['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET']);

/** The parser's errors carry no usable code in undici 8.12; our own refusals borrow this one. */
export const UNPARSABLE = 'UNPARSABLE';
/** The parser was told of the stream's end inside a message: a cut, not bad framing. */
const CUT = 'CUT';

/** The error a handler hears for what undici reported. */
export function upstreamFault(error: unknown, progress: Progress): GatewayError {
  const code = codeOf(error);
  // The parser's error quotes the bytes it met: they must not get into a log with the cause.
  const cause = code === CUT || code === UNPARSABLE ? new Error((error as Error).message) : error;
  // Thrown by us, not met on the wire.
  if (code === null) return new GatewayError('GW_GATEWAY_INTERNAL', { cause });
  if (progress === 'connecting') return connectFault(code, cause);
  if (progress === 'waiting') return BROKEN.has(code) ? reset(cause, 'fresh') : connectFault(code, cause);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new GatewayError('GW_UPSTREAM_TOO_LARGE', { cause });
  if (code === UNPARSABLE || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause });
  }
  if (progress === 'head') return new GatewayError('GW_UPSTREAM_TRUNCATED', { cause });
  if (code === 'UND_ERR_DESTROYED') return reset(cause, 'next');
  // Zero bytes back: the keep-alive race, or a server that never began. Safe to repeat at once.
  if (progress === 'sent') return reset(cause, 'fresh');
  // Half a head and a proper close, or one undici refuses (an unasked 100 or 101, two lengths).
  const half = code === CUT || code.startsWith('UND_ERR_');
  return half ? new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause }) : reset(cause, 'same');
}

function reset(cause: unknown, retry: 'fresh' | 'same' | 'next'): GatewayError {
  return new GatewayError('GW_UPSTREAM_RESET', { cause, retry });
}

function connectFault(code: string, cause: unknown): GatewayError {
  if (TLS_REFUSED.test(code)) {
    const message = "The provider's TLS certificate or version was refused.";
    return new GatewayError('GW_UPSTREAM_CONNECT', { cause, message, retry: 'next' });
  }
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new GatewayError('GW_UPSTREAM_CONNECT', { cause, errorType: 'provider_timeout_connect' });
  }
  const closed = code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED';
  return new GatewayError('GW_UPSTREAM_CONNECT', { cause, retry: closed ? 'next' : undefined });
}

/** The code to decide by; null for an error that is no network's: a bug of ours or a request that cannot be sent. */
function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  if (cause.name === 'HTTPParserError') return 'data' in cause && cause.data === '' ? CUT : UNPARSABLE;
  if (!('code' in cause) || typeof cause.code !== 'string') return null;
  if (cause.code === 'UND_ERR_INVALID_ARG' || cause.code === 'UND_ERR_NOT_SUPPORTED') return null;
  // Argument errors of node itself are ours; its TLS and stream errors are the peer's.
  return /^ERR_(?!TLS_|SSL_|STREAM_)/.test(cause.code) ? null : cause.code;
}
