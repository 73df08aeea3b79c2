// A client that follows a response as a stream, while it runs or when it is over. It is looked for until it is: the run may be
// on another worker.
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

/** Its state now; null when nobody knows it any more. */
export type Look = () => Promise<JsonObject | null>;

/** Whether nothing more comes of a response of this status. */
export function isOver(response: JsonObject): boolean {
  const status = stringAt(response, 'status');
  return status !== 'queued' && status !== 'in_progress';
}

/**
 * Tells all events behind the one numbered `after` and ends the stream. Resolves when it has, or when the client is gone.
 * Never rejects.
 */
export async function follow(sink: Sink, look: Look, response: JsonObject, after: number): Promise<void> {
  let sequence = 0;
  let text = '';
  const tell = (type: string, members: JsonObject): void => {
    const number = sequence++;
    if (number > after)
      text += sse.frame(type, JSON.stringify({ type, sequence_number: number, ...members }));
  };
  sink.start(200, HEADERS);
  replayBegin(response, tell);
  let last = response;
  while (!isOver(last)) {
    if (text !== '') sink.chunk(text);
    text = '';
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
    if (sink.closed) return;
    const found = await look();
    if (sink.closed) return;
    // Deleted, or its worker is gone: its end is not known to anybody.
    last = found ?? lost(response);
  }
  replayRest(last, tell);
  sink.chunk(text);
  sink.end();
}

function lost(response: JsonObject): JsonObject {
  const error = { code: 'server_error', message: 'The response is not kept any more.' };
  return { ...response, status: 'failed', error };
}
