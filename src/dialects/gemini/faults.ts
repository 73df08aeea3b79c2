// Reads what a Gemini upstream says when it fails: as an HTTP error body, as a 200 that holds an error, as a message of a
// stream, or as a finishReason. Never throws; an unreadable fault still is one.
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, objectAt, parseObject, stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';
import { retryDelayMs } from './retry-info.ts';

/** google.rpc.Code as HTTP status, for faults that have none of their own. */
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['INVALID_ARGUMENT', 400],
  ['FAILED_PRECONDITION', 400],
  ['OUT_OF_RANGE', 400],
  ['UNAUTHENTICATED', 401],
  ['PERMISSION_DENIED', 403],
  ['NOT_FOUND', 404],
  ['ABORTED', 409],
  ['ALREADY_EXISTS', 409],
  ['RESOURCE_EXHAUSTED', 429],
  ['CANCELLED', 499],
  ['INTERNAL', 500],
  ['UNKNOWN', 500],
  ['DATA_LOSS', 500],
  ['UNIMPLEMENTED', 501],
  ['UNAVAILABLE', 503],
  ['DEADLINE_EXCEEDED', 504],
]);

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  const parsed = parseBody(body.toString('utf8'));
  const error = parsed === null ? null : objectAt(parsed, 'error');
  const fallback = `The provider answered with status ${status} and no readable error.`;
  const message =
    error === null ? (parsed === null ? null : plainMessage(parsed)) : stringAt(error, 'message');
  return {
    dialect: 'gemini',
    status,
    body: error === null ? null : body,
    type: error === null ? null : stringAt(error, 'status'),
    code: error === null ? null : reasonOf(error),
    param: error === null ? null : fieldOf(error),
    message: message || fallback,
    headers: keptHeaders(headers, error),
  };
}

/** The fault a 200 body or a message of a stream holds; null when it holds none. `text` are its bytes as received. */
export function faultIn(body: JsonObject, text: string): UpstreamFault | null {
  const { error } = body;
  if (error === undefined || error === null) return null;
  const known: JsonObject = isObject(error) ? error : { message: typeof error === 'string' ? error : null };
  const type = stringAt(known, 'status');
  const code = numberAt(known, 'code');
  const stated = code !== null && Number.isInteger(code) && code >= 400 && code <= 599;
  return {
    dialect: 'gemini',
    status: stated ? code : (STATUS_OF.get(type ?? '') ?? 500),
    body: isObject(error) && text !== '' ? Buffer.from(text) : null,
    type,
    code: reasonOf(known),
    param: fieldOf(known),
    message: stringAt(known, 'message') || 'The provider reported an error without a message.',
    headers: keptHeaders({}, known),
  };
}

/** The fault a finishReason like `MALFORMED_FUNCTION_CALL` stands for. */
export function faultOfFinish(reason: string, detail: string | null): UpstreamFault {
  const why = detail === null || detail === '' ? '' : ` ${detail}`;
  return {
    dialect: 'gemini',
    status: 500,
    body: null,
    type: 'INTERNAL',
    code: reason,
    param: null,
    message: `The provider reported a failure while it generated the answer (${reason}).${why}`,
    headers: {},
  };
}

// streamGenerateContent without `alt=sse` puts its error into a list.
function parseBody(text: string): JsonObject | null {
  const parsed = parseObject(text);
  if (parsed !== null || !text.trimStart().startsWith('[')) return parsed;
  const list = parseObject(`{"list":${text}}`);
  const first = list === null ? undefined : arrayAt(list, 'list')[0];
  return isObject(first) ? first : null;
}

function plainMessage(body: JsonObject): string | null {
  return stringAt(body, 'error') ?? stringAt(body, 'message') ?? stringAt(body, 'detail');
}

/** The reason of google.rpc.ErrorInfo. */
function reasonOf(error: JsonObject): string | null {
  for (const detail of arrayAt(error, 'details')) {
    const reason = isObject(detail) ? stringAt(detail, 'reason') : null;
    if (reason !== null) return reason;
  }
  return null;
}

/** The first field of google.rpc.BadRequest. */
function fieldOf(error: JsonObject): string | null {
  for (const detail of arrayAt(error, 'details')) {
    const [violation] = isObject(detail) ? arrayAt(detail, 'fieldViolations') : [];
    const field = isObject(violation) ? stringAt(violation, 'field') : null;
    if (field !== null && field !== '') return field;
  }
  return null;
}

function keptHeaders(headers: Record<string, string>, error: JsonObject | null): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['retry-after', 'retry-after-ms'])
    if (headers[name] !== undefined) kept[name] = headers[name];
  const delayMs = error === null ? null : retryDelayMs(error);
  if (delayMs !== null && kept['retry-after'] === undefined) {
    kept['retry-after'] = String(Math.ceil(delayMs / 1000));
    kept['retry-after-ms'] ??= String(Math.ceil(delayMs));
  }
  return kept;
}
