// What an attempt fails with where neither its sockets nor its clocks say so.
import { GatewayError } from '../../contracts/errors.ts';
import type { Target } from '../../contracts/plan.ts';
import type { UpstreamHeaders } from '../../contracts/upstream.ts';
import { faultError } from '../../dialects/fault-error.ts';

/**
 * The upstream's refusal, read by its dialect.
 *
 * @param wallMs ms since 1970, for dates in its headers.
 * @param translated it refused what the gateway made of the request; else what the caller wrote.
 */
export function refusal(
  { dialect }: Target,
  status: number,
  headers: UpstreamHeaders,
  body: Buffer,
  wallMs: number,
  translated: boolean,
): GatewayError {
  const flat: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return faultError(dialect.errors.decode(status, flat, body), wallMs, !translated);
}

/** The primary asks a token server again after a second at first. */
const CREDENTIAL_RETRY_MS = 2_000;

/** No token has come yet for the key. */
export function noCredential(): GatewayError {
  return new GatewayError('GW_LANE_NO_CREDENTIAL', { retryAfterMs: CREDENTIAL_RETRY_MS });
}

/** The refusal of a request that was signed for another time than the provider's: the key is good, and once more may help. */
export function atOnce({ publicMessage, fault }: GatewayError): GatewayError {
  return new GatewayError('GW_UPSTREAM_REJECTED', {
    message: publicMessage,
    retry: 'fresh',
    ...(fault === null ? {} : { fault }),
  });
}

/** @param inMs when a key of the ring may be used again; null = none may, ever. */
export function noKey(inMs: number | null): GatewayError {
  return new GatewayError(
    'GW_LANE_NO_KEY',
    inMs === null
      ? { message: 'No key of this provider may be used for this model.' }
      : { retryAfterMs: Math.max(1000, inMs) },
  );
}
