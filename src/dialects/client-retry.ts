// What an error answer tells the caller's SDK about trying again (`x-should-retry`). SDKs act on it before they look at
// the status: without it Claude Code repeats even a 401 for minutes, in silence.
import type { ErrorCode } from '../contracts/error-codes.ts';
import type { GatewayError } from '../contracts/errors.ts';

/**
 * Value of `x-should-retry`; null = the header is left out and the SDK goes by the status and by `retry-after`.
 *
 * - The caller's own fault: `false`, save a body that was slow to arrive, which may be faster next time, and a conversation that
 *   another turn is in.
 * - The upstream's: `false`. The gateway is the one retry owner and has made the attempts that could help.
 * - Ours: nothing where a place, a limit or another worker may be free when the SDK returns; `false` where it cannot be.
 *
 * @param told what the upstream itself said, if anything. It counts for a refusal the gateway does not repeat.
 */
export function clientRetry(error: GatewayError, told: string | undefined): string | null {
  switch (error.source) {
    case 'client':
      return LATER.has(error.code) ? null : 'false';
    case 'upstream':
      return error.code === 'GW_UPSTREAM_REJECTED' && error.retry === 'no' ? (told ?? 'false') : 'false';
    case 'gateway':
      return isFinal(error) ? 'false' : null;
  }
}

/** Of the caller's making, and over soon. */
const LATER: ReadonlySet<ErrorCode> = new Set(['GW_CLIENT_BODY_TIMEOUT', 'GW_CLIENT_CONVERSATION_LOCKED']);

function isFinal({ kind, code, retryAfterMs }: GatewayError): boolean {
  if (kind === 'permission' || kind === 'invalid_request') return true;
  // Its window ends soon, or else an SDK is not to wait for it.
  if (kind === 'budget') return retryAfterMs === null;
  // No wait is stated: no key of that provider may ever serve this model.
  return code === 'GW_LANE_NO_KEY' && retryAfterMs === null;
}
