// What the mock has beside chats: embeddings, and sound that is written down. An answer is made once.

import type { HttpResponse } from 'uWebSockets.js';
import { Buffer } from 'node:buffer';
import { MODEL } from './script.ts';

/** Of a request with one input as it is sent here; more bytes are a batch. */
const ONE_INPUT_BYTES = 16_384;
/** Of a batch: as many vectors as a provider takes inputs, of the usual number of dimensions. */
const BATCH = 2_048;
const DIMENSIONS = 1_536;
const HEARD = JSON.stringify({
  text: 'It lets water into a canal.',
  usage: { type: 'duration', seconds: 600 },
});

/** @param answerBytes of the answer to one input: a vector of about that size. */
export function createOtherEndpoints(answerBytes: () => number): {
  embeddings(res: HttpResponse): void;
  transcriptions(res: HttpResponse): void;
} {
  const made = new Map<number, Buffer>();
  const vectors = (count: number, bytes: number): Buffer => {
    const known = made.get(bytes);
    if (known !== undefined) return known;
    const embedding = Buffer.alloc(Math.floor((bytes * 3) / 4 / 4) * 4, 1).toString('base64');
    const data = Array.from({ length: count }, (_, index) => ({ object: 'embedding', index, embedding }));
    const usage = { prompt_tokens: 200 * count, total_tokens: 200 * count };
    const answer = Buffer.from(JSON.stringify({ object: 'list', data, model: MODEL, usage }));
    made.set(bytes, answer);
    return answer;
  };
  const behind = (res: HttpResponse, answer: (bytes: number) => Buffer | string): void => {
    let open = true;
    let bytes = 0;
    res.onAborted(() => {
      open = false;
    });
    res.onData((part, isLast) => {
      bytes += part.byteLength;
      if (!isLast || !open) return;
      res.cork(() => res.writeHeader('content-type', 'application/json').end(answer(bytes)));
    });
  };
  return {
    embeddings: (res) =>
      behind(res, (bytes) =>
        bytes > ONE_INPUT_BYTES ? vectors(BATCH, DIMENSIONS * 4 + 1) : vectors(1, answerBytes()),
      ),
    transcriptions: (res) => behind(res, () => HEARD),
  };
}
