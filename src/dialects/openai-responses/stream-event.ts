// One event of a stream: read, with the number, item and place that all events of a kind carry.
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import type { DeltaKeys } from '../delta-shape.ts';
import { stringAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** What differs between two deltas of one text. */
export const DELTA_KEYS: DeltaKeys = [
  ['"sequence_number"', 'number'],
  ['"delta"', 'delta'],
  ['"obfuscation"', 'padding'],
];

export interface ResponseEvent {
  /** What it is: its own word, else the message's name. '' = neither. */
  type: string;
  body: JsonObject;
}

const PINGS: ReadonlySet<string> = new Set(['ping', 'keepalive', 'keep-alive', 'heartbeat']);

/** The data of a message; null for a sign of life. @throws GatewayError GW_UPSTREAM_BAD_OUTPUT: it is no event. */
export function readEvent(event: string, data: string): ResponseEvent | null {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    // What looks like JSON and is none may be two events that ran together.
    if (PINGS.has(event) && !data.includes('{"')) return null;
    throw badOutput('A stream event is no JSON.');
  }
  if (!isObject(body)) throw badOutput('A stream event is no JSON object.');
  const type = stringAt(body, 'type') ?? (body['error'] ? 'error' : event);
  if (PINGS.has(type)) return null;
  if (type === '') throw badOutput('A stream event has no type.');
  return { type, body };
}

/** True for the sentinel of other dialects, which some servers send here too. */
export function isSentinel(data: string): boolean {
  return data === '[DONE]' || data.trim() === '[DONE]';
}
