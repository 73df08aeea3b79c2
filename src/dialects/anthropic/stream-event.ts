// One event of a Messages stream, read; and what a stream tells over its events. Shared by watcher and decoder.
import type { AnswerFacts, StopReason, Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { badOutput } from '../bad-output.ts';
import { bedrockUsage } from '../bedrock-metrics.ts';
import { faultError } from '../fault-error.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';
import { faultIn } from './faults.ts';
import { decodeStop } from './stop-reason.ts';
import { UsageReader } from './usage.ts';

export interface StreamEvent {
  type: string;
  body: JsonObject;
}

const TYPES: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
]);

/** Ends streams of OpenAI's kind; proxies put it behind those of Anthropic's kind too, or in place of message_stop. */
export function isSentinel(data: string): boolean {
  return data.length < 16 && data.trim() === '[DONE]';
}

/**
 * Reads an event by the type in its JSON; some servers leave the names out.
 *
 * @throws GatewayError with the fault that the event reports (even if only its name or its shape says so), else
 *   GW_UPSTREAM_BAD_OUTPUT: no JSON object, none with a type, or one that contradicts its name.
 */
export function readEvent(event: string, data: string): StreamEvent {
  const body = parseObject(data);
  const type = body && stringAt(body, 'type');
  const failed =
    type === 'error' || (type === null && (event === 'error' || (body && objectAt(body, 'error'))));
  if (failed) throw faultError(faultIn(body, data));
  if (event === 'ping' && !TYPES.has(type ?? '') && isReadable(data, body)) return { type: 'ping', body: {} };
  if (body === null || type === null) throw badOutput('A stream event is no JSON object with a type.');
  const contradicts = event !== type && TYPES.has(event);
  // Clients pass over types they do not know: it must not be one of these, misspelled.
  const disguised = event !== type && !TYPES.has(type) && holdsContent(body);
  if (contradicts || disguised) throw badOutput('A stream event is not of the type it is named.');
  return { type, body };
}

// A sign of life may say anything; what looks like JSON and is none may be two events that ran together.
function isReadable(data: string, body: JsonObject | null): boolean {
  return body !== null || !data.includes('{"');
}

function holdsContent(body: JsonObject): boolean {
  return ['content_block', 'delta', 'message'].some((key) => objectAt(body, key) !== null);
}

/** The answer's id, model, stop reason and usage, as far as the stream has told them. */
export class StreamFacts implements AnswerFacts {
  readonly #usage = new UsageReader();
  id: string | null = null;
  model: string | null = null;
  stop: StopReason | null = null;
  stopSequence: string | null = null;
  /** A message_delta was seen: the message is over, with or without a stop reason. */
  over = false;

  get usage(): Usage | null {
    return this.#usage.usage;
  }

  /** Takes an event of any type: vendors tell usage in many places. */
  read({ type, body }: StreamEvent): void {
    const holder = type === 'message_start' ? objectAt(body, 'message') : objectAt(body, 'delta');
    if (body.usage !== undefined) this.#usage.add(body.usage);
    if (holder?.usage !== undefined) this.#usage.add(holder.usage);
    const metrics = bedrockUsage(body);
    if (metrics !== null) this.#usage.addNeutral(metrics);
    if (holder === null) return;
    if (type === 'message_start') {
      this.id = stringAt(holder, 'id');
      this.model = stringAt(holder, 'model');
    } else if (type === 'message_delta') {
      this.over = true;
      this.stop = decodeStop(stringAt(holder, 'stop_reason')) ?? this.stop;
      this.stopSequence = stringAt(holder, 'stop_sequence') ?? this.stopSequence;
    }
  }
}
