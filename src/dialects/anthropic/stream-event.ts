// One event of a Messages stream, read; and what a stream tells over its events. Shared by watcher and decoder.
import type { AnswerFacts, StopReason, Usage } from '../../contracts/chat.ts';
import type { UpstreamFault } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { objectAt, parseObject, stringAt } from '../lenient.ts';
import { faultIn } from './faults.ts';
import { decodeStop } from './stop-reason.ts';
import { UsageReader } from './usage.ts';

export interface StreamEvent {
  type: string;
  body: JsonObject;
  /** Set when the event reports a fault. */
  fault: UpstreamFault | null;
}

/**
 * Reads an event by the type in its JSON, whatever it is named: some servers leave the names out. Null when it is
 * malformed: no JSON object, or one without a type. A fault counts as one even if only the name or the shape says so.
 */
export function readEvent(event: string, data: string): StreamEvent | null {
  const body = parseObject(data);
  const type = body && stringAt(body, 'type');
  const failed =
    type === 'error' || (type === null && (event === 'error' || (body && objectAt(body, 'error'))));
  if (failed) return { type: 'error', body: body ?? {}, fault: faultIn(body, data) };
  return body === null || type === null ? null : { type, body, fault: null };
}

/** The answer's id, model, stop reason and usage, as far as the stream has told them. */
export class StreamFacts implements AnswerFacts {
  readonly #usage = new UsageReader();
  id: string | null = null;
  model: string | null = null;
  stop: StopReason | null = null;
  stopSequence: string | null = null;

  get usage(): Usage | null {
    return this.#usage.usage;
  }

  /** Takes a `message_start`. */
  start(event: JsonObject): void {
    const message = objectAt(event, 'message') ?? {};
    this.id = stringAt(message, 'id');
    this.model = stringAt(message, 'model');
    this.#usage.add(message.usage);
  }

  /** Takes a `message_delta`. */
  end(event: JsonObject): void {
    const delta = objectAt(event, 'delta') ?? {};
    this.stop = decodeStop(stringAt(delta, 'stop_reason')) ?? this.stop;
    this.stopSequence = stringAt(delta, 'stop_sequence') ?? this.stopSequence;
    this.#usage.add(event.usage);
  }
}
