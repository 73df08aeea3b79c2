// Reads what an upstream says when it fails: as an HTTP error body, which is Chat's, as a `response` that failed, or as an
// `error` event. Never throws; an unreadable fault still is one.
import { stringifyJson } from '../../body/lossless.ts';
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';
import { decodeError as decodeChatError, faultIn, faultOfErrorEvent } from '../openai-chat/faults.ts';

const NAME = 'openai-responses';

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  return { ...decodeChatError(status, headers, body), dialect: NAME };
}

/** The fault of a response that failed, or of an error that came in its place; null when `body` tells of none. */
export function faultOfAnswer(body: JsonObject): UpstreamFault | null {
  if (body['object'] !== 'response') {
    const fault = body['error'] ? faultIn(body, stringifyJson(body)) : null;
    return fault === null ? null : { ...fault, dialect: NAME };
  }
  return stringAt(body, 'status') === 'failed' ? failed(objectAt(body, 'error')) : null;
}

/** The fault that a `response.failed` or an `error` event reports. Its own words are kept for clients of this dialect. */
export function faultOfEvent(data: string): UpstreamFault {
  const event = parseObject(data);
  const response = event === null ? null : objectAt(event, 'response');
  const fault = response === null ? ofErrorEvent(event, data) : failed(objectAt(response, 'error'));
  return { ...fault, body: stringAt(event ?? {}, 'type') === null ? null : Buffer.from(data) };
}

// Documented flat; OpenAI's servers write an `error` object, some write both.
function ofErrorEvent(event: JsonObject | null, data: string): UpstreamFault {
  const nested = event === null ? null : objectAt(event, 'error');
  const { type: _, ...flat } = event ?? {};
  const told = event === null ? data : JSON.stringify({ error: nested ?? flat });
  return { ...faultOfErrorEvent(told), dialect: NAME };
}

function failed(error: JsonObject | null): UpstreamFault {
  const told = error ?? {
    code: 'server_error',
    message: 'The provider failed while it generated the answer.',
  };
  const fault = faultOfErrorEvent(JSON.stringify({ error: told }));
  // It names no type where the code says all.
  const status = INVALID.test(fault.code ?? '') && fault.status === 500 ? 400 : fault.status;
  return { ...fault, status, dialect: NAME, body: null };
}

/** Codes of a failed response that blame the request. */
const INVALID = /^(invalid_|image_|bio_policy|unsupported_|empty_image|failed_to_download|context_length)/;
