// Errors as an Anthropic client reads them: `{"type":"error","error":{type,message,details},"request_id"}` with the
// status and headers its SDK decides retries by (wire.md 3, 11.1, 11.2).
import type { ErrorAnswer } from '../../contracts/dialect.ts';
import type { ErrorKind } from '../../contracts/error-decision.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { type ContextOverflow, contextOverflow } from '../context-overflow.ts';
import { errorHeaders } from '../error-headers.ts';
import { objectAt, parseObject } from '../lenient.ts';
import { manner } from './manner.ts';
import { hasOwnWords, overflowText } from './overflow-text.ts';

const OWN: Record<ErrorKind, string> = {
  invalid_request: 'invalid_request_error',
  unsupported: 'invalid_request_error',
  auth: 'authentication_error',
  permission: 'permission_error',
  model_not_found: 'not_found_error',
  route_not_found: 'not_found_error',
  method_not_allowed: 'invalid_request_error',
  timeout_header: 'invalid_request_error',
  too_large: 'request_too_large',
  unsupported_media: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
  budget: 'rate_limit_error',
  overloaded: 'overloaded_error',
  upstream_failed: 'api_error',
  upstream_timeout: 'timeout_error',
  cancelled: 'api_error',
  internal: 'api_error',
};

/** Types that mean the same here as where they come from. Any other foreign type goes by its status. */
const SHARED: ReadonlySet<string> = new Set(['authentication_error', 'permission_error', 'rate_limit_error']);

/** Renders an error as a whole answer. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  const status = statusOf(error);
  return {
    status,
    headers: errorHeaders(error, status, manner.limitHeaders),
    body: bodyOf(error, requestId),
  };
}

/** Renders an error as the last event of a stream. */
export function encodeStreamError(error: GatewayError, requestId: string, out: EventOut): void {
  out.emitLines('error', bodyOf(error, requestId));
}

// Anthropic's own word for "come back later" is 529, which its clients know.
function statusOf(error: GatewayError): number {
  if (error.fault === null && error.kind === 'overloaded') return 529;
  if (error.fault !== null && overflowToTell(error.fault) !== null) return 400;
  return error.status >= 400 && error.status <= 599 ? error.status : 502;
}

function bodyOf(error: GatewayError, requestId: string): string {
  const { fault } = error;
  if (fault === null) {
    const details = isThreadRefused(error) ? THREAD_REFUSED : { error_code: error.code };
    return errorJson(OWN[error.kind], error.publicMessage, details, requestId);
  }
  const overflow = overflowToTell(fault);
  if (overflow !== null) return overflowBody(fault, overflow, error, requestId);
  // Clients match the wording and the fields of their own vendor's errors (wire.md 10.1): not a byte is changed.
  if (fault.dialect === 'anthropic' && fault.body !== null) return fault.body.toString('utf8');
  return errorJson(nearestType(fault), fault.message, { error_code: fault.code ?? error.code }, requestId);
}

/**
 * A prompt too long for its model, told in words that clients of Anthropic do not know. Its own never change; those of
 * other servers that speak this dialect do, since such a client knows no vendor's but Anthropic's.
 */
function overflowToTell(fault: UpstreamFault): ContextOverflow | null {
  const known = fault.dialect === 'anthropic' && fault.body !== null && hasOwnWords(fault.message);
  return known ? null : contextOverflow(fault);
}

function overflowBody(
  fault: UpstreamFault,
  overflow: ContextOverflow,
  error: GatewayError,
  requestId: string,
): string {
  const message = overflowText(overflow, fault.message);
  const type = 'invalid_request_error';
  const parsed =
    fault.dialect === 'anthropic' && fault.body !== null ? parseObject(fault.body.toString()) : null;
  if (parsed === null) return errorJson(type, message, { error_code: fault.code ?? error.code }, requestId);
  return JSON.stringify({ ...parsed, error: { ...objectAt(parsed, 'error'), type, message } });
}

// Anthropic's SDKs (Python 2.11) run tools over a `thread`: the provider keeps the history and gets only what is new.
// No other provider can, and by this code the SDK knows to send the whole history again, without a thread.
const THREAD_REFUSED: JsonObject = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };

function isThreadRefused(error: GatewayError): boolean {
  return error.kind === 'unsupported' && error.param === 'thread';
}

function nearestType({ dialect, type, status }: UpstreamFault): string {
  if (type !== null && (dialect === 'anthropic' || SHARED.has(type))) return type;
  switch (status) {
    case 401:
      return 'authentication_error';
    case 402:
      return 'billing_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 409:
      return 'conflict_error';
    case 413:
      return 'request_too_large';
    case 429:
      return 'rate_limit_error';
    case 503:
    case 529:
      return 'overloaded_error';
    case 408:
    case 504:
      return 'timeout_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'api_error';
  }
}

function errorJson(type: string, message: string, details: JsonObject, requestId: string): string {
  return JSON.stringify({
    type: 'error',
    error: { type, message, details },
    request_id: requestId,
  });
}
