// Reads what a Cohere-speaking upstream says when it fails: as an HTTP error body, or at the end of an answer. Never throws;
// an unreadable fault still is one.
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { parseObject, stringAt } from '../lenient.ts';

const KEPT_HEADERS: ReadonlySet<string> = new Set(['retry-after', 'retry-after-ms', 'x-should-retry']);
/** Its own status for a token that is not valid. */
const INVALID_TOKEN = 498;

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  const parsed = parseObject(body.toString('utf8'));
  const message = parsed && stringAt(parsed, 'message');
  return {
    dialect: 'cohere',
    status: status === INVALID_TOKEN ? 401 : status,
    body: message === null ? null : body,
    type: null,
    code: parsed && stringAt(parsed, 'code'),
    param: null,
    message:
      message ?? otherWords(parsed) ?? `The provider answered with status ${status} and no readable error.`,
    headers: keptHeaders(headers),
  };
}

/** The fault an answer ends with: `finish_reason` ERROR or TIMEOUT, with what it says beside. */
export function faultOfFinish(reason: string, told: string | null): UpstreamFault {
  return {
    dialect: 'cohere',
    status: reason === 'TIMEOUT' ? 504 : 500,
    body: null,
    type: null,
    code: null,
    param: null,
    message: told || 'The provider reported a failure while it generated the answer.',
    headers: {},
  };
}

/** The fault that stands where an answer or an event should; null = it is none. `text`: its bytes as received. */
export function faultIn(body: JsonObject, text: string): UpstreamFault | null {
  if (body['type'] !== undefined || body['finish_reason'] !== undefined) return null;
  const message = stringAt(body, 'message') ?? otherWords(body);
  if (message === null) return null;
  return {
    dialect: 'cohere',
    status: 500,
    body: stringAt(body, 'message') === null ? null : Buffer.from(text),
    type: null,
    code: null,
    param: null,
    message,
    headers: {},
  };
}

// Proxies in front of a model server answer in shapes of their own: their text is kept, their bytes are not.
function otherWords(body: JsonObject | null): string | null {
  if (body === null) return null;
  const error = body['error'];
  if (typeof error === 'object' && error !== null && !Array.isArray(error)) {
    return stringAt(error as JsonObject, 'message');
  }
  return stringAt(body, 'error') ?? stringAt(body, 'detail');
}

function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name in headers) {
    if (KEPT_HEADERS.has(name) || name.startsWith('x-ratelimit-')) kept[name] = headers[name]!;
  }
  return kept;
}
