// A client that follows a response as a stream, while it runs or when it is over. It is looked for until it is: the run may be
// on another worker. What was made as a stream is told as the events that were noted of it, any other as those of its whole answer.
import type { JsonObject } from '../contracts/json.ts';
import type { HeaderList, Sink } from '../contracts/sink.ts';
import { stringAt } from '../dialects/lenient.ts';
import { sse } from '../wire/sse.ts';
import { replayBegin, replayRest } from './replay.ts';

/** Between two looks at a response that runs. */
const LOOK_MS = 200;
const HEADERS: HeaderList = [
  ['content-type', sse.contentType],
  ['cache-control', 'no-cache'],
];

/** How a response stands. */
export interface Told {
  readonly response: JsonObject;
  /** What was noted of its events so far, by their numbers; absent: it is none that was made as a stream. */
  readonly events?: readonly string[] | undefined;
}

/** Its state now; null when nobody knows it any more. */
export type Look = () => Promise<Told | null>;

/** Whether nothing more comes of a response of this status. */
export function isOver(response: JsonObject): boolean {
  const status = stringAt(response, 'status');
  return status !== 'queued' && status !== 'in_progress';
}

/** Begins a stream of events. */
export function startEvents(sink: Sink): void {
  sink.start(200, HEADERS);
}

/**
 * Tells all events behind the one numbered `after` and ends the stream. Resolves when it has, or when the client is gone.
 * Never rejects.
 */
export async function follow(sink: Sink, look: Look, told: Told, after: number): Promise<void> {
  startEvents(sink);
  const teller = told.events === undefined ? new Retold(told.response, after) : new Noted(after);
  let last: Told | null = told;
  let text = teller.take(told);
  while (last !== null && !isOver(last.response)) {
    if (text !== '') sink.chunk(text);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
    if (sink.closed) return;
    last = await look();
    if (sink.closed) return;
    // Deleted, or its worker is gone: its end is not known to anybody.
    text = last === null ? teller.lost(lost(told.response)) : teller.take(last);
  }
  if (text !== '') sink.chunk(text);
  sink.end();
}

/** Tells what was noted. */
class Noted {
  #next: number;

  constructor(after: number) {
    this.#next = Math.max(0, after + 1);
  }

  take({ events = [] }: Told): string {
    const text = events.slice(this.#next).join('');
    this.#next = Math.max(this.#next, events.length);
    return text;
  }

  lost(response: JsonObject): string {
    const type = 'response.failed';
    return sse.frame(type, JSON.stringify({ type, sequence_number: this.#next, response })).toString();
  }
}

/** Tells a response as if it had been one. */
class Retold {
  readonly #after: number;
  #sequence = 0;
  #text = '';

  constructor(response: JsonObject, after: number) {
    this.#after = after;
    replayBegin(response, this.#tell);
  }

  take({ response }: Told): string {
    if (isOver(response)) replayRest(response, this.#tell);
    const text = this.#text;
    this.#text = '';
    return text;
  }

  lost(response: JsonObject): string {
    return this.take({ response });
  }

  readonly #tell = (type: string, members: JsonObject): void => {
    const number = this.#sequence++;
    if (number > this.#after)
      this.#text += sse.frame(type, JSON.stringify({ type, sequence_number: number, ...members }));
  };
}

function lost(response: JsonObject): JsonObject {
  const error = { code: 'server_error', message: 'The response is not kept any more.' };
  return { ...response, status: 'failed', error };
}
