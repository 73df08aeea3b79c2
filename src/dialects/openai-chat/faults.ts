// Reads what an OpenAI-compatible upstream says when it fails: as an HTTP error body, as a 200 that holds an error, or
// as an event in a stream. Never throws; an unreadable fault still is one.
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, objectAt, parseObject, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** What one error object says, wherever it stood. */
interface Complaint {
  type: string | null;
  code: string | null;
  param: string | null;
  message: string | null;
  /** A status the object itself states (OpenRouter's numeric `code`). */
  status: number | null;
  /** It stood in an `error` object, as OpenAI writes it: its bytes may go to a client of this dialect. */
  native: boolean;
}

// Only for faults without an HTTP status of their own.
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['context_length_exceeded', 400],
  ['content_filter', 400],
  ['invalid_api_key', 401],
  ['authentication_error', 401],
  ['insufficient_quota', 429],
  ['permission_error', 403],
  ['permission_denied', 403],
  ['not_found_error', 404],
  ['model_not_found', 404],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limit', 429],
  ['slow_down', 429],
  ['tokens', 429],
  ['requests', 429],
  ['server_is_overloaded', 503],
  ['service_unavailable_error', 503],
  ['overloaded_error', 503],
  ['engine_overloaded', 503],
  ['timeout', 504],
  ['timeout_error', 504],
]);

const KEPT_HEADERS: ReadonlySet<string> = new Set(['retry-after', 'retry-after-ms', 'x-should-retry']);

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  const complaint = complaintOf(parseBody(body));
  return {
    dialect: 'openai-chat',
    status,
    body: complaint?.native === true ? body : null,
    type: complaint?.type ?? null,
    code: complaint?.code ?? null,
    param: complaint?.param ?? null,
    message: complaint?.message ?? `The provider answered with status ${status} and no readable error.`,
    headers: keptHeaders(headers),
  };
}

/** The fault a 200 body or a stream event holds; null when it holds none. `text` are its bytes as received. */
export function faultIn(body: JsonObject, text: string): UpstreamFault | null {
  const complaint = complaintOf(body);
  return complaint === null ? null : inBandFault(complaint, text);
}

/** The fault an `event: error` reports, readable or not. */
export function faultOfErrorEvent(data: string): UpstreamFault {
  const parsed = parseObject(data);
  const complaint = parsed === null ? null : (complaintOf(parsed) ?? complaintIn(parsed, false));
  return inBandFault(complaint ?? { ...SILENT, message: plainText(data) }, data);
}

/** The fault a finish_reason like `error` stands for. */
export function faultOfFinish(reason: string): UpstreamFault {
  const message = 'The provider reported a failure while it generated the answer.';
  return inBandFault({ ...SILENT, type: 'server_error', code: reason, message }, '');
}

const SILENT: Complaint = { type: null, code: null, param: null, message: null, status: null, native: false };

function inBandFault(complaint: Complaint, text: string): UpstreamFault {
  const { type, code, param, message, status, native } = complaint;
  return {
    dialect: 'openai-chat',
    status: status ?? statusOf(code) ?? statusOf(type) ?? 500,
    body: native && text !== '' ? Buffer.from(text) : null,
    type,
    code,
    param,
    message: message ?? 'The provider reported an error without a message.',
    headers: {},
  };
}

function statusOf(name: string | null): number | null {
  return name === null ? null : (STATUS_OF.get(name) ?? null);
}

function parseBody(body: Buffer): JsonObject | null {
  const text = body.toString('utf8');
  const parsed = parseObject(text);
  if (parsed !== null || !text.trimStart().startsWith('[')) return parsed;
  // Google's OpenAI-compatible layer wraps the object into a list.
  const wrapped = parseObject(`{"list":${text}}`);
  const first = wrapped === null ? undefined : arrayAt(wrapped, 'list')[0];
  return isObject(first) ? { error: { ...(objectAt(first, 'error') ?? first) }, wrapped: true } : null;
}

/** What a body complains of; null when it does not complain. */
function complaintOf(body: JsonObject | null): Complaint | null {
  if (body === null) return null;
  const error = body['error'];
  if (isObject(error)) return complaintIn(error, body['wrapped'] !== true);
  if (typeof error === 'string' && error !== '') return { ...complaintIn(body, false), message: error };
  if (Array.isArray(body['choices'])) return null;
  const told = stringAt(body, 'message') ?? detailText(body['detail']);
  return told === null ? null : { ...complaintIn(body, false), message: told };
}

function complaintIn(error: JsonObject, native: boolean): Complaint {
  const number = numberAt(error, 'code');
  const text = stringAt(error, 'code');
  const status =
    asStatus(number ?? (text === null ? null : Number(text))) ?? asStatus(numberAt(error, 'status'));
  return {
    type: stringAt(error, 'type'),
    // A number means something in its vendor's own list only: it is no code a client could know.
    code: text !== null && /^\d*$/.test(text) ? null : text,
    param: stringAt(error, 'param'),
    message: stringAt(error, 'message') ?? detailText(error['detail']),
    status,
    native,
  };
}

function asStatus(value: number | null): number | null {
  return value !== null && Number.isInteger(value) && value >= 400 && value <= 599 ? value : null;
}

// FastAPI: a string, or a list of {loc, msg}.
function detailText(detail: Json | undefined): string | null {
  if (typeof detail === 'string') return detail;
  if (!Array.isArray(detail)) return isObject(detail) ? stringAt(detail, 'message') : null;
  const messages = detail
    .map((item) => (isObject(item) ? stringAt(item, 'msg') : null))
    .filter((text) => text !== null);
  return messages.length === 0 ? null : messages.join('; ');
}

// An error event that is not JSON: its text is the message, unless it is a page.
function plainText(data: string): string | null {
  const text = data.trim();
  return text === '' || text.startsWith('<') || text.length > 500 ? null : text;
}

function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    if (KEPT_HEADERS.has(name) || name.startsWith('x-ratelimit-')) kept[name] = headers[name]!;
  }
  return kept;
}
