// Headers of an error answer that all dialects share: when to come again, and whether the SDK should.
import type { GatewayError, UpstreamFault } from '../contracts/errors.ts';
import type { LimitHeaderStyle } from '../contracts/manner.ts';
import { clientRetry } from './client-retry.ts';
import { limitHeaderFor } from './limit-headers.ts';

/** @param status of the answer as the dialect renders it. @param style its own limit headers. */
export function errorHeaders(
  error: GatewayError,
  status: number,
  style: LimitHeaderStyle,
): Record<string, string> {
  const { fault, retryAfterMs } = error;
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (fault !== null) copyHeaders(fault, style, headers);
  if (retryAfterMs !== null && headers['retry-after'] === undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    headers['retry-after-ms'] ??= String(Math.ceil(retryAfterMs));
  }
  const retry = clientRetry(error, headers['x-should-retry']);
  if (retry !== null) headers['x-should-retry'] = retry;
  // Required with a 401 (RFC 9110, 15.5.2). The realm says whose key is meant: the caller's here, or ours at the provider.
  if (status === 401)
    headers['www-authenticate'] = `Bearer realm="${fault === null ? 'headgate' : 'provider'}"`;
  return headers;
}

function copyHeaders(fault: UpstreamFault, style: LimitHeaderStyle, headers: Record<string, string>): void {
  for (const name in fault.headers) {
    const value = fault.headers[name]!;
    const twin = limitHeaderFor(style, name);
    if (twin !== null) headers[twin] = value;
    else if (name.startsWith('retry-after') || name.startsWith(`${style}-`)) headers[name] = value;
    else if (name === 'x-should-retry') headers[name] = value;
  }
}
