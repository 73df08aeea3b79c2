// Headers of an error answer that all dialects share: when to come again, and whether the SDK should.
import type { GatewayError, UpstreamFault } from '../contracts/errors.ts';
import type { LimitHeaderStyle } from '../contracts/manner.ts';
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
  // One retry owner: what the SDK would repeat by its status has had the gateway's own attempts already.
  const spent =
    error.source === 'upstream' && (status === 408 || status === 409 || status === 429 || status >= 500);
  if (spent || error.kind === 'budget' || error.kind === 'permission') headers['x-should-retry'] = 'false';
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
