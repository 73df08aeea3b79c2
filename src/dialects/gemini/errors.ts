// Errors as a Gemini client reads them: `{"error":{code,message,status,details[]}}` (wire.md 4, 11.1). There is no header that
// clients decide by: when to come again stands in the details.
import type { ErrorAnswer } from '../../contracts/dialect.ts';
import type { ErrorKind } from '../../contracts/error-decision.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { contextOverflow } from '../context-overflow.ts';
import { errorHeaders } from '../error-headers.ts';
import { objectAt, parseObject } from '../lenient.ts';
import { manner } from './manner.ts';
import { overflowText } from './overflow-text.ts';
import { retryInfo } from './retry-info.ts';

const OWN: Record<ErrorKind, string> = {
  invalid_request: 'INVALID_ARGUMENT',
  unsupported: 'INVALID_ARGUMENT',
  auth: 'UNAUTHENTICATED',
  permission: 'PERMISSION_DENIED',
  model_not_found: 'NOT_FOUND',
  route_not_found: 'NOT_FOUND',
  method_not_allowed: 'UNIMPLEMENTED',
  timeout_header: 'DEADLINE_EXCEEDED',
  too_large: 'INVALID_ARGUMENT',
  unsupported_media: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  budget: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  upstream_failed: 'UNAVAILABLE',
  upstream_timeout: 'DEADLINE_EXCEEDED',
  cancelled: 'CANCELLED',
  internal: 'INTERNAL',
};

/** Renders an error as a whole answer. */
export function encodeError(error: GatewayError, requestId: string): ErrorAnswer {
  const status = statusOf(error);
  return {
    status,
    headers: errorHeaders(error, status, manner.limitHeaders),
    body: bodyOf(error, status, requestId),
  };
}

/** Renders an error as the last message of a stream: SDKs raise on one that holds an `error` with a code of 400 to 599. */
export function encodeStreamError(error: GatewayError, requestId: string, out: EventOut): void {
  const status = statusOf(error);
  const body = bodyOf(error, status, requestId);
  const parsed = parseObject(body);
  // As the vendor writes a refusal without `alt=sse`, a list: in a stream it would be read as a strange answer.
  const raised = parsed !== null && objectAt(parsed, 'error') !== null;
  out.emitLines(
    '',
    raised || error.fault === null ? body : translatedBody(error, error.fault, status, requestId),
  );
}

function statusOf({ fault, status }: GatewayError): number {
  if (fault !== null && !isOwnWriting(fault) && contextOverflow(fault) !== null) return 400;
  return status >= 400 && status <= 599 ? status : 502;
}

function bodyOf(error: GatewayError, status: number, requestId: string): string {
  const { fault } = error;
  if (fault === null) return errorJson(error, status, OWN[error.kind], error.publicMessage, requestId);
  // What the vendor wrote goes on as it is: its clients know the wordings.
  return isOwnWriting(fault) ? fault.body.toString('utf8') : translatedBody(error, fault, status, requestId);
}

function isOwnWriting(fault: UpstreamFault): fault is UpstreamFault & { body: Buffer } {
  return fault.dialect === 'gemini' && fault.body !== null;
}

function translatedBody(
  error: GatewayError,
  fault: UpstreamFault,
  status: number,
  requestId: string,
): string {
  const overflow = contextOverflow(fault);
  const message = overflow === null ? fault.message : overflowText(overflow, fault.message);
  const type = fault.dialect === 'gemini' && fault.type !== null ? fault.type : byStatus(status);
  return errorJson(error, status, type, message, requestId);
}

function byStatus(status: number): string {
  switch (status) {
    case 401:
      return 'UNAUTHENTICATED';
    case 402:
    case 429:
      return 'RESOURCE_EXHAUSTED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'ABORTED';
    case 500:
      return 'INTERNAL';
    case 408:
    case 504:
      return 'DEADLINE_EXCEEDED';
    default:
      return status < 500 ? 'INVALID_ARGUMENT' : 'UNAVAILABLE';
  }
}

function errorJson(
  { code, fault, param, retryAfterMs }: GatewayError,
  status: number,
  type: string,
  message: string,
  requestId: string,
): string {
  const details: JsonObject[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: fault?.code ?? code,
      domain: fault === null ? 'headgate' : 'provider',
    },
    { '@type': 'type.googleapis.com/google.rpc.RequestInfo', requestId },
  ];
  const field = fault === null ? param : fault.param;
  if (field !== null) {
    details.push({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field, description: message }],
    });
  }
  if (retryAfterMs !== null) details.push(retryInfo(retryAfterMs));
  return JSON.stringify({ error: { code: status, message, status: type, details } });
}
