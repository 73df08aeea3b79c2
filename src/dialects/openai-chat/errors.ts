// Errors as an OpenAI client reads them: `{"error":{message,type,param,code}}` with the status and headers its SDK
// decides retries by (wire.md 1, 11.1, 11.2).
import type { ErrorAnswer } from '../../contracts/dialect.ts';
import type { ErrorCode } from '../../contracts/error-codes.ts';
import type { ErrorKind } from '../../contracts/error-decision.ts';
import type { GatewayError, UpstreamFault } from '../../contracts/errors.ts';
import type { EventOut } from '../../contracts/framing.ts';
import { contextOverflow } from '../context-overflow.ts';
import { errorHeaders } from '../error-headers.ts';
import { objectAt, parseObject } from '../lenient.ts';
import { manner } from './manner.ts';
import { overflowText } from './overflow-text.ts';

interface Naming {
  type: string;
  /** null: the gateway's own code in lower case; for a fault the code it brought. */
  code: string | null;
}

const OWN: Record<ErrorKind, Naming> = {
  invalid_request: { type: 'invalid_request_error', code: null },
  unsupported: { type: 'invalid_request_error', code: 'unsupported_parameter' },
  auth: { type: 'invalid_request_error', code: 'invalid_api_key' },
  permission: { type: 'permission_error', code: null },
  model_not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  route_not_found: { type: 'invalid_request_error', code: null },
  method_not_allowed: { type: 'invalid_request_error', code: null },
  timeout_header: { type: 'invalid_request_error', code: null },
  too_large: { type: 'invalid_request_error', code: 'request_too_large' },
  unsupported_media: { type: 'invalid_request_error', code: null },
  rate_limit: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  budget: { type: 'insufficient_quota', code: 'budget_exceeded' },
  overloaded: { type: 'service_unavailable_error', code: null },
  upstream_failed: { type: 'server_error', code: 'upstream_error' },
  upstream_timeout: { type: 'server_error', code: 'upstream_timeout' },
  cancelled: { type: 'invalid_request_error', code: null },
  internal: { type: 'server_error', code: null },
};

/** What OpenAI calls an error that is a kind of its own here. */
const CODES: Partial<Record<ErrorCode, string>> = {
  GW_CLIENT_CONVERSATION_LOCKED: 'conversation_locked',
  GW_CLIENT_RESPONSE_NOT_FOUND: 'previous_response_not_found',
  GW_CLIENT_ITEM_NOT_FOUND: 'item_not_found',
  GW_GUARDRAIL_BLOCKED: 'content_filter',
};

/** Error types of other vendors that have a nearest relative here; the rest goes by status. */
const FOREIGN: ReadonlyMap<string, Naming> = new Map([
  ['invalid_request_error', { type: 'invalid_request_error', code: null }],
  ['authentication_error', { type: 'invalid_request_error', code: 'invalid_api_key' }],
  ['billing_error', { type: 'insufficient_quota', code: 'insufficient_quota' }],
  ['permission_error', { type: 'permission_error', code: 'permission_denied' }],
  ['not_found_error', { type: 'invalid_request_error', code: 'model_not_found' }],
  ['conflict_error', { type: 'invalid_request_error', code: 'conflict' }],
  ['request_too_large', { type: 'invalid_request_error', code: 'request_too_large' }],
  ['rate_limit_error', { type: 'rate_limit_error', code: 'rate_limit_exceeded' }],
  ['overloaded_error', { type: 'service_unavailable_error', code: 'server_is_overloaded' }],
  ['timeout_error', { type: 'server_error', code: 'upstream_timeout' }],
  ['api_error', { type: 'server_error', code: 'upstream_error' }],
]);

/** Renders an error as a whole answer. */
export function encodeError(error: GatewayError): ErrorAnswer {
  const status = statusOf(error);
  return {
    status,
    headers: errorHeaders(error, status, manner.limitHeaders),
    body: errorText(error, status),
  };
}

/** Renders an error as the last event of a stream. `[DONE]` never follows: the SDKs raise on the event. */
export function encodeStreamError(error: GatewayError, _requestId: string, out: EventOut): void {
  out.emitLines('', errorText(error));
}

/** The error as `{"error": {…}}`: a refusal in another shape would pass an SDK as a strange chunk. */
export function errorText(error: GatewayError, status = error.status): string {
  const { fault } = error;
  if (fault === null) return ownBody(error);
  const body = faultBody(fault, status);
  return holdsErrorObject(body) ? body : translatedBody(fault, status);
}

function statusOf({ fault, status }: GatewayError): number {
  if (fault !== null && !isOwnWriting(fault) && contextOverflow(fault) !== null) return 400;
  return status >= 400 && status <= 599 ? status : 502;
}

function ownBody(error: GatewayError): string {
  const { type, code } = OWN[error.kind];
  return errorJson(
    error.publicMessage,
    type,
    error.param,
    code ?? CODES[error.code] ?? error.code.toLowerCase(),
  );
}

function faultBody(fault: UpstreamFault, status: number): string {
  return isOwnWriting(fault) ? fault.body.toString('utf8') : translatedBody(fault, status);
}

/** What this dialect's vendors wrote goes on as it is: their clients know the wordings. */
function isOwnWriting(fault: UpstreamFault): fault is UpstreamFault & { body: Buffer } {
  return isOpenAi(fault.dialect) && fault.body !== null;
}

/** Both of OpenAI's dialects write errors alike. */
function isOpenAi(dialect: string): boolean {
  return dialect === 'openai-chat' || dialect === 'openai-responses';
}

function translatedBody(fault: UpstreamFault, status: number): string {
  const { dialect, type, code, param, message } = fault;
  const overflow = contextOverflow(fault);
  if (overflow !== null) {
    const text = overflowText(overflow, message);
    return errorJson(text, 'invalid_request_error', 'messages', 'context_length_exceeded');
  }
  const nearest = (type === null ? undefined : FOREIGN.get(type)) ?? byStatus(status);
  if (!isOpenAi(dialect)) return errorJson(message, nearest.type, param, nearest.code ?? code);
  return errorJson(message, type ?? nearest.type, param, code ?? nearest.code);
}

function byStatus(status: number): Naming {
  switch (status) {
    case 401:
      return { type: 'invalid_request_error', code: 'invalid_api_key' };
    case 402:
      return { type: 'insufficient_quota', code: 'insufficient_quota' };
    case 403:
      return { type: 'permission_error', code: 'permission_denied' };
    case 404:
      return { type: 'invalid_request_error', code: 'model_not_found' };
    case 413:
      return { type: 'invalid_request_error', code: 'request_too_large' };
    case 429:
      return { type: 'rate_limit_error', code: 'rate_limit_exceeded' };
    case 503:
    case 529:
      return { type: 'service_unavailable_error', code: 'server_is_overloaded' };
    case 408:
    case 504:
      return { type: 'server_error', code: 'upstream_timeout' };
    default:
      return status < 500
        ? { type: 'invalid_request_error', code: null }
        : { type: 'server_error', code: 'upstream_error' };
  }
}

function holdsErrorObject(body: string): boolean {
  const parsed = parseObject(body);
  return parsed !== null && objectAt(parsed, 'error') !== null;
}

function errorJson(message: string, type: string, param: string | null, code: string | null): string {
  return JSON.stringify({ error: { message, type, param, code } });
}
