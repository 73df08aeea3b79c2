// Headers of an error answer that all dialects share: when to come again, and whether the SDK should.
import type { DialectName } from '../contracts/dialect-name.ts';
import type { GatewayError, UpstreamFault } from '../contracts/errors.ts';
import { limitHeaderFor } from './limit-headers.ts';

/** Beginning of a dialect's own rate-limit headers. */
const LIMIT_PREFIX: Readonly<Record<DialectName, string>> = {
  'openai-chat': 'x-ratelimit-',
  anthropic: 'anthropic-ratelimit-',
};

/** @param status of the answer as the dialect renders it. */
export function errorHeaders(
  error: GatewayError,
  status: number,
  dialect: DialectName,
): Record<string, string> {
  const { fault, retryAfterMs } = error;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (fault !== null) copyHeaders(fault, dialect, headers);
  if (retryAfterMs !== null && headers['retry-after'] === undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    headers['retry-after-ms'] ??= String(Math.ceil(retryAfterMs));
  }
  // One retry owner: what the SDK would repeat by its status has had the gateway's own attempts already.
  const spent =
    error.source === 'upstream' && (status === 408 || status === 409 || status === 429 || status >= 500);
  if (spent || error.kind === 'budget' || error.kind === 'permission') headers['x-should-retry'] = 'false';
  return headers;
}

function copyHeaders(fault: UpstreamFault, dialect: DialectName, headers: Record<string, string>): void {
  for (const name in fault.headers) {
    const value = fault.headers[name]!;
    const twin = limitHeaderFor(dialect, name);
    if (twin !== null) headers[twin] = value;
    else if (name.startsWith('retry-after') || name.startsWith(LIMIT_PREFIX[dialect])) headers[name] = value;
    else if (name === 'x-should-retry') headers[name] = value;
  }
}
