// Which GatewayError a failed upstream exchange is: decided by how far it came and by the error's code, never by its
// text. Pure; the codes are our client's (wire-fault.ts), OpenSSL's and the system's.
import { GatewayError } from '../contracts/errors.ts';
import { LookupFault } from '../dns/lookup-fault.ts';

/**
 * How far an exchange came:
 * - `waiting`: for a connection, nothing was sent.
 * - `connecting`: its own socket is not connected yet, nothing was sent.
 * - `sent`: the request went out, no byte came back.
 * - `began`: bytes came, but no whole head.
 * - `head`: the head is there, the body is not.
 */
export type Progress = 'waiting' | 'connecting' | 'sent' | 'began' | 'head';

/** Certificates and TLS versions do not mend within a request's time: asking the same host again is pointless. */
const TLS_REFUSED =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_|HOSTNAME_|ERR_TLS_|ERR_SSL_|EPROTO)/;

/** Our certificate is not taken, or one is wanted. TLS 1.3 tells it behind the handshake. */
const NOT_US = /^ERR_SSL_\w*ALERT_\w*(CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)/;
/** Nobody agreed on a protocol: a server that speaks HTTP/1.1 takes our offer of it. */
const NO_PROTOCOL = /^ERR_SSL_\w*NO_APPLICATION_PROTOCOL$/;

/** Not mended by asking the same host again: why, for the client. */
const FOR_GOOD: readonly (readonly [code: RegExp, message: string])[] = [
  [/^HTTP2_ONLY$/, 'The provider speaks only HTTP/2, which is not spoken to providers.'],
  [NO_PROTOCOL, 'The provider speaks only HTTP/2, which is not spoken to providers.'],
  [/^PROXY_REFUSED$/, 'The proxy on the way to the provider refused.'],
  [NOT_US, "The provider refused the gateway's TLS certificate, or wants one."],
  [TLS_REFUSED, "The provider's TLS certificate or version was refused."],
];

/** The error a handler hears for what ended its exchange. */
export function upstreamFault(cause: unknown, progress: Progress): GatewayError {
  const code = codeOf(cause);
  // Thrown by us, not met on the wire.
  if (code === null) return new GatewayError('GW_GATEWAY_INTERNAL', { cause });
  if (progress === 'waiting' || progress === 'connecting' || isNoPeer(code)) return connectFault(code, cause);
  if (code === 'TOO_LARGE') return new GatewayError('GW_UPSTREAM_TOO_LARGE', { cause });
  if (code === 'UNPARSABLE') return new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause });
  if (progress === 'head') return new GatewayError('GW_UPSTREAM_TRUNCATED', { cause });
  if (code === 'DESTROYED') return reset(cause, 'next');
  // Zero bytes back: the keep-alive race, or a server that never began. Safe to repeat at once.
  if (progress === 'sent') return reset(cause, 'fresh');
  // Half a head and a proper close.
  return code === 'CUT' ? new GatewayError('GW_UPSTREAM_BAD_OUTPUT', { cause }) : reset(cause, 'same');
}

function reset(cause: unknown, retry: 'fresh' | 'same' | 'next'): GatewayError {
  return new GatewayError('GW_UPSTREAM_RESET', { cause, retry });
}

/** What ended the exchange is that its provider cannot be reached, and not that we closed the connection. */
export function isUnreachable({ code, cause }: GatewayError): boolean {
  if (code === 'GW_UPSTREAM_DNS') return true;
  return code === 'GW_UPSTREAM_CONNECT' && !isOurs(codeOf(cause));
}

/** Found out on what had seemed to be a connection. */
function isNoPeer(code: string): boolean {
  return code === 'PROXY_REFUSED' || code === 'HTTP2_ONLY' || NOT_US.test(code);
}

function isOurs(code: string | null): boolean {
  return code === 'CLOSED' || code === 'DESTROYED';
}

function connectFault(code: string, cause: unknown): GatewayError {
  if (cause instanceof LookupFault) return new GatewayError('GW_UPSTREAM_DNS', { cause });
  for (const [pattern, message] of FOR_GOOD) {
    if (pattern.test(code)) return new GatewayError('GW_UPSTREAM_CONNECT', { cause, message, retry: 'next' });
  }
  if (code === 'CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new GatewayError('GW_UPSTREAM_CONNECT', { cause, errorType: 'provider_timeout_connect' });
  }
  return new GatewayError('GW_UPSTREAM_CONNECT', { cause, retry: isOurs(code) ? 'next' : undefined });
}

/** The code to decide by; null for an error that is no network's: a bug of ours or a request that cannot be sent. */
function codeOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  // Several addresses were tried (happy eyeballs); a time-out among them says more than a refusal.
  if (cause instanceof AggregateError && cause.errors.some((error) => codeOf(error) === 'ETIMEDOUT')) {
    return 'ETIMEDOUT';
  }
  if (!('code' in cause) || typeof cause.code !== 'string') return null;
  // Argument errors of node itself are ours; its TLS and stream errors are the peer's.
  return /^ERR_(?!TLS_|SSL_|STREAM_)/.test(cause.code) ? null : cause.code;
}
