// Usage as Anthropic counts it: `input_tokens` is without cache, and a stream tells it in steps that may correct what
// was said before. Neutral usage counts cache inside input (wire.md 7.9).
import type { Usage } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { numberAt, objectAt, stringAt } from '../lenient.ts';
import { laterCount } from '../merge-usage.ts';
import { isObject } from '../read.ts';

/** Collects usage over the events of an answer. A later number replaces an earlier one; what is not said, or 0, does not. */
export class UsageReader {
  #seen = false;
  #fresh: number | null = null;
  #read: number | null = null;
  #writeShort: number | null = null;
  #writeLong: number | null = null;
  #output: number | null = null;
  #thinking: number | null = null;
  #tier: string | null = null;
  #geo: string | null = null;
  #speed: string | null = null;
  #searches: number | null = null;

  /** Takes a `usage` member; anything but an object counts as "not said". */
  add(value: Json | undefined): void {
    if (!isObject(value)) return;
    this.#seen = true;
    this.#fresh = laterCount(this.#fresh, numberAt(value, 'input_tokens'));
    this.#read = laterCount(this.#read, numberAt(value, 'cache_read_input_tokens'));
    this.#output = laterCount(this.#output, numberAt(value, 'output_tokens'));
    const details = objectAt(value, 'output_tokens_details');
    if (details !== null) this.#thinking = laterCount(this.#thinking, numberAt(details, 'thinking_tokens'));
    const tools = objectAt(value, 'server_tool_use');
    if (tools !== null) this.#searches = laterCount(this.#searches, numberAt(tools, 'web_search_requests'));
    this.#addWrites(value);
    this.#tier = stringAt(value, 'service_tier') ?? this.#tier;
    this.#geo = stringAt(value, 'inference_geo') ?? this.#geo;
    this.#speed = stringAt(value, 'speed') ?? this.#speed;
  }

  /** Takes counts that are neutral already, such as a cloud's own. */
  addNeutral({ input, cacheRead, cacheWriteShort, output }: Usage): void {
    const cache = (cacheRead ?? 0) + (cacheWriteShort ?? 0);
    const counts: JsonObject = {
      input_tokens: input === null ? null : input - cache,
      cache_read_input_tokens: cacheRead,
      cache_creation_input_tokens: cacheWriteShort,
      output_tokens: output,
    };
    this.add(counts);
  }

  get usage(): Usage | null {
    if (!this.#seen) return null;
    const cache = (this.#read ?? 0) + (this.#writeShort ?? 0) + (this.#writeLong ?? 0);
    const usage: Usage = {
      input: this.#fresh === null ? null : this.#fresh + cache,
      cacheRead: this.#read,
      cacheWriteShort: this.#writeShort,
      cacheWriteLong: this.#writeLong,
      output: this.#output,
      reasoning: this.#thinking,
    };
    // Its priority is capacity that was bought ahead: it has no price of its own.
    if (this.#tier === 'batch') usage.tier = 'batch';
    const factors = [this.#geo, this.#speed].filter((name) => name !== null);
    if (factors.length > 0) usage.factors = factors;
    if (this.#searches !== null && this.#searches > 0) usage.webSearches = this.#searches;
    return usage;
  }

  // The split by lifetime is finer than the total, and the total is what counts: a split that does not add up to it (some
  // vendors leave it at 0) leaves the rest to the shorter lifetime.
  #addWrites(usage: JsonObject): void {
    const split = objectAt(usage, 'cache_creation');
    const long = split && numberAt(split, 'ephemeral_1h_input_tokens');
    const short = split && numberAt(split, 'ephemeral_5m_input_tokens');
    const total = numberAt(usage, 'cache_creation_input_tokens');
    if (total === null && split === null) return;
    const told = (short ?? 0) + (long ?? 0);
    const known = (this.#writeShort ?? 0) + (this.#writeLong ?? 0);
    const sum = total || told;
    if (sum === 0) {
      if (known > 0) return;
      this.#writeShort ??= 0;
      this.#writeLong ??= long;
    } else if (told > 0 || sum !== known) {
      this.#writeLong = long === null ? null : Math.min(long, sum);
      this.#writeShort = sum - (this.#writeLong ?? 0);
    }
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
