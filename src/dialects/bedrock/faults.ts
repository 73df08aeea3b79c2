// Reads what Bedrock says when it fails: as an HTTP answer, whose header names the exception, or as an exception in a
// stream. Never throws; an unreadable fault still is one.
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { EXCEPTION } from '../../wire/event-stream-headers.ts';
import { parseObject, stringAt } from '../lenient.ts';
import { exceptionOfEvent, exceptionOfStatus, statusOfException } from './exceptions.ts';

const TYPE_HEADER = 'x-amzn-errortype';
const KEPT_HEADERS = ['retry-after', 'retry-after-ms', 'x-should-retry'] as const;

/** Reads an upstream's refusal with its HTTP status. `body` may be anything. */
export function decodeError(status: number, headers: Record<string, string>, body: Buffer): UpstreamFault {
  const parsed = parseObject(body.toString('utf8'));
  const named = nameOf(headers[TYPE_HEADER]) ?? nameOf(parsed && (stringAt(parsed, '__type') ?? undefined));
  const message = parsed === null ? null : messageOf(parsed);
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) if (headers[name] !== undefined) kept[name] = headers[name];
  return {
    dialect: 'bedrock',
    status,
    body: parsed !== null && message !== null ? body : null,
    type: named ?? exceptionOfStatus(status),
    code: null,
    param: null,
    message: message ?? `The provider answered with status ${status} and no readable error.`,
    headers: kept,
  };
}

/** The fault that an exception in a stream is. @param event its name, with the mark of an exception. */
export function faultOfException(event: string, data: string): UpstreamFault {
  const parsed = parseObject(data);
  const name = exceptionOfEvent(event.slice(EXCEPTION.length)) || 'InternalServerException';
  const message = (parsed && messageOf(parsed)) ?? 'The provider reported an error without a message.';
  const fault = faultNamed(name, message, statusOfException(name) ?? 500);
  return { ...fault, body: parsed === null ? null : Buffer.from(data) };
}

/** A fault of that name, told by nobody in so many bytes. */
export function faultNamed(name: string, message: string, status: number): UpstreamFault {
  return {
    dialect: 'bedrock',
    status,
    body: null,
    type: name,
    code: null,
    param: null,
    message,
    headers: {},
  };
}

/** Whether an event is an exception. */
export function isException(event: string): boolean {
  return event.startsWith(EXCEPTION);
}

// `ValidationException:http://internal.amazon.com/…`, `com.amazon.coral.service#ValidationException`.
function nameOf(text: string | null | undefined): string | null {
  const name = (text ?? '').split(':')[0]!.split('#').at(-1)!.trim();
  return /^[A-Za-z]{1,80}$/.test(name) ? name : null;
}

function messageOf(body: JsonObject): string | null {
  return stringAt(body, 'message') ?? stringAt(body, 'Message');
}
