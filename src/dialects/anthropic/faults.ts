// Reads what an Anthropic-speaking upstream says when it fails: as an HTTP error body, as a 200 that holds an error, or
// as an `error` event. Never throws; an unreadable fault still is one.
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';

// For faults without an HTTP status of their own: the status the type has when it comes as a refusal.
const STATUS_OF: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['conflict_error', 409],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

const KEPT_HEADERS: ReadonlySet<string> = new Set(['retry-after', 'retry-after-ms', 'x-should-retry']);

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  const fallback = `The provider answered with status ${status} and no readable error.`;
  return faultOf(parseObject(body.toString('utf8')), status, body, keptHeaders(headers), fallback);
}

/** The fault that an `error` object is, in a stream or as a 200 body; null = unreadable. `text`: its bytes as received. */
export function faultIn(body: JsonObject | null, text: string): UpstreamFault {
  const type = stringAt(objectAt(body ?? {}, 'error') ?? {}, 'type');
  const status = STATUS_OF.get(type ?? '') ?? 500;
  return faultOf(body, status, Buffer.from(text), {}, 'The provider reported an error without a message.');
}

function faultOf(
  parsed: JsonObject | null,
  status: number,
  body: Buffer,
  headers: Record<string, string>,
  fallback: string,
): UpstreamFault {
  const error = parsed && objectAt(parsed, 'error');
  const details = error && objectAt(error, 'details');
  const type = error && stringAt(error, 'type');
  // Proxies in front of a model server answer in shapes of their own: their text is kept, their bytes are not.
  const message = error === null ? plainMessage(parsed ?? {}) : stringAt(error, 'message');
  return {
    dialect: 'anthropic',
    status,
    body: parsed !== null && type !== null && stringAt(parsed, 'type') === 'error' ? body : null,
    type,
    code: codeOf(details, error),
    param: null,
    message: message ?? fallback,
    headers,
  };
}

/** A number means something in its vendor's own list only: it is no code a client could know. */
function codeOf(details: JsonObject | null, error: JsonObject | null): string | null {
  const code = (details && stringAt(details, 'error_code')) ?? (error && stringAt(error, 'code'));
  return code !== null && /^\d*$/.test(code) ? null : code;
}

function plainMessage(body: JsonObject): string | null {
  return stringAt(body, 'error') ?? stringAt(body, 'message') ?? stringAt(body, 'detail');
}

function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    if (KEPT_HEADERS.has(name) || name.startsWith('anthropic-ratelimit-')) kept[name] = headers[name]!;
  }
  return kept;
}
