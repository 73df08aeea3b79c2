// What the chunks of a stream tell besides their content: which choices are finished, usage, model and id. Shared by
// the watcher (byte path) and the decoder (translated path).
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../read.ts';
import { decodeStop, isFaultReason } from './stop-reason.ts';
import { findUsage, mergeUsage } from './usage.ts';

export class StreamFacts implements AnswerFacts {
  usage: AnswerFacts['usage'] = null;
  stop: AnswerFacts['stop'] = null;
  model: string | null = null;
  id: string | null = null;
  /** A finish_reason that reports a failure of the provider; null when none did. */
  faultReason: string | null = null;
  readonly #open = new Set<number>();
  readonly #finished = new Set<number>();

  /** A finish_reason was seen for every choice that was seen. */
  get complete(): boolean {
    return this.#open.size === 0 && this.#finished.size > 0;
  }

  /** Takes note of one chunk. */
  read(chunk: JsonObject): void {
    if (this.id === null || this.model === null) this.#readNames(chunk);
    for (const choice of chunk['choices'] as unknown[]) if (isObject(choice)) this.#readChoice(choice);
    if (chunk['usage'] || chunk['x_groq']) this.usage = mergeUsage(this.usage, findUsage(chunk));
  }

  // Azure's first chunk has both empty: wait for the real ones.
  #readNames(chunk: JsonObject): void {
    const { id, model } = chunk;
    if (typeof id === 'string' && id !== '') this.id ??= id;
    if (typeof model === 'string' && model !== '') this.model ??= model;
  }

  #readChoice(choice: JsonObject): void {
    const index = typeof choice['index'] === 'number' ? choice['index'] : 0;
    const reason = choice['finish_reason'];
    if (typeof reason !== 'string' || reason === '') {
      if (!this.#finished.has(index)) this.#open.add(index);
      return;
    }
    this.#open.delete(index);
    this.#finished.add(index);
    this.stop ??= decodeStop(reason);
    if (isFaultReason(reason)) this.faultReason ??= reason;
  }
}

/** An SSE message's data as a chunk-like object: it has `choices` or reports a fault. Null = malformed. */
export function parseChunk(data: string): JsonObject | null {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return null;
  }
  return isObject(value) && (Array.isArray(value['choices']) || reportsFault(value)) ? value : null;
}

/** True for `{"error": …}` and for the bare error object older vLLM sends. */
export function reportsFault(chunk: JsonObject): boolean {
  return Boolean(chunk['error']) || chunk['object'] === 'error';
}
