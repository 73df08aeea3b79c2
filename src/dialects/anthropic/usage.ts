// Usage as Anthropic counts it: `input_tokens` is without cache, and a stream tells it in steps that may correct what
// was said before. Neutral usage counts cache inside input (wire.md 7.9).
import type { Usage } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt } from '../lenient.ts';
import { isObject } from '../read.ts';

/** Collects usage over the events of an answer. A later number replaces an earlier one; what is not said stays. */
export class UsageReader {
  #seen = false;
  #fresh: number | null = null;
  #read: number | null = null;
  #writeShort: number | null = null;
  #writeLong: number | null = null;
  #output: number | null = null;
  #thinking: number | null = null;

  /** Takes a `usage` member; anything but an object counts as "not said". */
  add(value: Json | undefined): void {
    if (!isObject(value)) return;
    this.#seen = true;
    this.#fresh = numberAt(value, 'input_tokens') ?? this.#fresh;
    this.#read = numberAt(value, 'cache_read_input_tokens') ?? this.#read;
    this.#output = numberAt(value, 'output_tokens') ?? this.#output;
    const details = objectAt(value, 'output_tokens_details');
    if (details !== null) this.#thinking = numberAt(details, 'thinking_tokens') ?? this.#thinking;
    this.#addWrites(value);
  }

  get usage(): Usage | null {
    if (!this.#seen) return null;
    const cache = (this.#read ?? 0) + (this.#writeShort ?? 0) + (this.#writeLong ?? 0);
    return {
      input: this.#fresh === null ? null : this.#fresh + cache,
      cacheRead: this.#read,
      cacheWriteShort: this.#writeShort,
      cacheWriteLong: this.#writeLong,
      output: this.#output,
      reasoning: this.#thinking,
    };
  }

  // The split by lifetime is finer than the total; a new total without a split replaces a split that no longer adds up.
  #addWrites(usage: JsonObject): void {
    const split = objectAt(usage, 'cache_creation');
    const short = split && numberAt(split, 'ephemeral_5m_input_tokens');
    const long = split && numberAt(split, 'ephemeral_1h_input_tokens');
    if (short !== null || long !== null) {
      this.#writeShort = short;
      this.#writeLong = long;
      return;
    }
    const total = numberAt(usage, 'cache_creation_input_tokens');
    if (total === null || total === (this.#writeShort ?? 0) + (this.#writeLong ?? 0)) {
      if (total !== null) this.#writeShort ??= 0;
      return;
    }
    this.#writeShort = total;
    this.#writeLong = null;
  }
}

/** Usage of a whole answer. */
export function decodeUsage(value: Json | undefined): Usage | null {
  const reader = new UsageReader();
  reader.add(value);
  return reader.usage;
}

/**
 * Usage in Anthropic's form. The SDKs add `input_tokens` and `output_tokens` without asking, so these two are 0 when
 * the upstream did not say; the optional ones are left out then.
 */
export function encodeUsage(usage: Usage | null): JsonObject {
  const out: JsonObject = { input_tokens: 0 };
  const { cacheRead = null, cacheWriteShort = null, cacheWriteLong = null, reasoning = null } = usage ?? {};
  const writes = (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  out.input_tokens = Math.max(0, (usage?.input ?? 0) - (cacheRead ?? 0) - writes);
  if (cacheWriteShort !== null || cacheWriteLong !== null) {
    out.cache_creation_input_tokens = writes;
    out.cache_creation = {
      ephemeral_5m_input_tokens: cacheWriteShort ?? 0,
      ephemeral_1h_input_tokens: cacheWriteLong ?? 0,
    };
  }
  if (cacheRead !== null) out.cache_read_input_tokens = cacheRead;
  out.output_tokens = usage?.output ?? 0;
  if (reasoning !== null) out.output_tokens_details = { thinking_tokens: reasoning };
  return out;
}
