// Amazon's binary event stream where a model is invoked in its own format: each frame is a `chunk` whose payload holds one
// event of the model's own stream in base64. To a codec it is the model's event, named by its `type`; exceptions stay what
// they are.
import type { EventBatch, EventScanner, EventScannerOptions, Framing } from '../contracts/framing.ts';
import { eventStream } from './event-stream.ts';
import { writeFrame } from './event-stream-frame.ts';
import { EXCEPTION } from './event-stream-headers.ts';
import { createEventStreamScanner } from './event-stream-scanner.ts';

const CHUNK = 'chunk';
/** As Bedrock begins its payload: what follows up to the next quote is found without being parsed. */
const BYTES = '{"bytes":"';
const QUOTE = '"';
const TYPE = /^\{"type":"([a-z_]+)"/;

class ChunkScanner implements EventScanner {
  readonly #frames: EventScanner;

  constructor(options: EventScannerOptions) {
    this.#frames = createEventStreamScanner(options);
  }

  get pendingBytes(): number {
    return this.#frames.pendingBytes;
  }

  push(chunk: Buffer): EventBatch {
    return opened(this.#frames.push(chunk));
  }

  flush(): EventBatch {
    return opened(this.#frames.flush());
  }

  close(): void {
    this.#frames.close();
  }
}

function opened(batch: EventBatch): EventBatch {
  const { event, data, valid } = batch;
  for (let at = 0; at < batch.count; at++) {
    if (event[at] !== CHUNK || valid[at] !== true) continue;
    const text = eventIn(data[at]!);
    if (text === null) valid[at] = false;
    else {
      event[at] = typeIn(text);
      data[at] = text;
    }
  }
  return batch;
}

/** The model's event; null when the payload holds none. */
function eventIn(payload: string): string | null {
  const base64 = payload.startsWith(BYTES)
    ? payload.slice(BYTES.length, payload.indexOf(QUOTE, BYTES.length))
    : member(payload, 'bytes');
  return base64 === '' ? null : Buffer.from(base64, 'base64').toString('utf8');
}

function typeIn(text: string): string {
  return TYPE.exec(text)?.[1] ?? member(text, 'type');
}

/** A member of JSON text that is itself a text; '' when there is none. */
function member(text: string, name: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const found: unknown = Object(value)[name];
    return typeof found === 'string' ? found : '';
  } catch {
    return '';
  }
}

export const eventStreamChunks: Framing = {
  ...eventStream,
  name: 'event-stream-chunks',
  createScanner: (options) => new ChunkScanner(options),
  frame: (event, data) =>
    event.startsWith(EXCEPTION)
      ? writeFrame(event, data)
      : writeFrame(CHUNK, `{"bytes":"${Buffer.from(data).toString('base64')}"}`),
};
