// The events of a response that runs in the background, as its clients are told them: each numbered by its place, so that who lost
// its stream goes on behind the last number it saw, while it runs and when it is over. Bounded: past its room no pieces are noted
// any more, and the last event, which holds the whole response, is.
import type { JsonObject } from '../contracts/json.ts';
import type { Sink } from '../contracts/sink.ts';
import { sse } from '../wire/sse.ts';

/** Of one response. */
const MAX_BYTES = 8 * 1024 * 1024;

export class EventLog {
  /** Frames in order: the number of an event is its place. */
  readonly frames: string[] = [];
  readonly #maxBytes: number;
  #bytes = 0;
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Notes an event. @param members beside type and number. */
  add(type: string, members: JsonObject): void {
    if (!this.#over && this.#bytes < this.#maxBytes) this.#note(type, members);
  }

  /** Notes the last one. */
  end(type: string, members: JsonObject): void {
    if (this.#over) return;
    this.#over = true;
    this.#note(type, members);
  }

  /** Resolves when there is more than there was. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #note(type: string, members: JsonObject): void {
    const frame = sse.frame(type, JSON.stringify({ ...members, type, sequence_number: this.frames.length }));
    this.#bytes += frame.length;
    this.frames.push(frame.toString());
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** Tells a client all events behind the one numbered `after`, as they come; ends its stream. Resolves when it has, or is gone. */
export async function followLog(sink: Sink, log: EventLog, after: number): Promise<void> {
  let next = Math.max(0, after + 1);
  while (!sink.closed) {
    if (next < log.frames.length) {
      const text = log.frames.slice(next).join('');
      next = log.frames.length;
      if (!sink.chunk(text)) await drained(sink);
    } else if (log.over) {
      sink.end();
      return;
    } else await log.more();
  }
}

function drained(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    sink.onDrain = resolve;
  });
}
