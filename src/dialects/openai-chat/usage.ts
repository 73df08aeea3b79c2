// Token usage to and from the neutral form (wire.md 7.9), with the known oddities of OpenAI-compatible providers.
import type { Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { bedrockUsage } from '../bedrock-metrics.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { mergeUsage } from '../merge-usage.ts';
import { isObject } from '../read.ts';
import { withTier } from '../served-tier.ts';

/** A counter that is there and makes sense, else null: the upstream did not say. */
function countAt(object: JsonObject | null, key: string): number | null {
  const value = object === null ? null : numberAt(object, key);
  return value === null || value < 0 ? null : value;
}

/** Reads a `usage` object. Cache and reasoning counts end up as parts of input and output. */
export function readUsage(usage: JsonObject): Usage {
  const promptDetails =
    objectAt(usage, 'prompt_tokens_details') ??
    objectAt(usage, 'input_tokens_details') ??
    objectAt(usage, 'prompt_token_details');
  const completionDetails =
    objectAt(usage, 'completion_tokens_details') ?? objectAt(usage, 'output_tokens_details');
  // DeepSeek, Moonshot and Mistral name cache hits at the top level, Perplexity reasoning; gateways keep Anthropic's names, and
  // Perplexity has those in the details.
  const cacheRead =
    countAt(promptDetails, 'cached_tokens') ??
    countAt(promptDetails, 'cache_read_input_tokens') ??
    countAt(usage, 'num_cached_tokens') ??
    countAt(usage, 'prompt_cache_hit_tokens') ??
    countAt(usage, 'cached_tokens') ??
    countAt(usage, 'cache_read_input_tokens');
  const reasoning = countAt(completionDetails, 'reasoning_tokens') ?? countAt(usage, 'reasoning_tokens');
  let input = countAt(usage, 'prompt_tokens') ?? countAt(usage, 'input_tokens');
  let output = countAt(usage, 'completion_tokens') ?? countAt(usage, 'output_tokens');
  const total = countAt(usage, 'total_tokens');
  // xAI leaves cached tokens out of the prompt and reasoning out of the completion. More of a part than of the whole
  // proves it; so does a total that only adds up with the part on top.
  if (output !== null && reasoning !== null && reasoning > 0) {
    if (reasoning > output || (input !== null && total === input + output + reasoning)) output += reasoning;
  }
  if (input !== null && cacheRead !== null && cacheRead > input) input += cacheRead;
  const read: Usage = {
    input,
    cacheRead,
    cacheWriteShort:
      countAt(promptDetails, 'cache_write_tokens') ??
      countAt(promptDetails, 'cache_creation_input_tokens') ??
      countAt(usage, 'cache_creation_input_tokens'),
    cacheWriteLong: null,
    output,
    reasoning,
  };
  // Nearly every answer of OpenAI's says that it has none: a member only of those that do.
  const audioInput = countAt(promptDetails, 'audio_tokens');
  const audioOutput = countAt(completionDetails, 'audio_tokens');
  if (audioInput !== null && audioInput > 0) read.audioInput = audioInput;
  if (audioOutput !== null && audioOutput > 0) read.audioOutput = audioOutput;
  const imageInput = countAt(promptDetails, 'image_tokens');
  const imageOutput = countAt(completionDetails, 'image_tokens');
  if (imageInput !== null && imageInput > 0) read.imageInput = imageInput;
  if (imageOutput !== null && imageOutput > 0) read.imageOutput = imageOutput;
  addSearches(read, usage);
  return read;
}

/** Searches as Perplexity tells them, of which each answer has one, and as OpenRouter does, in Anthropic's words. */
function addSearches(read: Usage, usage: JsonObject): void {
  const size = usage['search_context_size'];
  const made =
    countAt(usage, 'num_search_queries') ??
    (usage['server_tool_use'] === undefined
      ? null
      : countAt(objectAt(usage, 'server_tool_use'), 'web_search_requests')) ??
    (typeof size === 'string' ? 1 : null);
  if (made !== null && made > 0) read.webSearches = made;
  if (typeof size === 'string') read.searchSize = size;
}

/**
 * The usage a chunk or an answer carries, wherever the vendor puts it: at the top, in a choice or its delta (Moonshot),
 * in `x_groq`, in Bedrock's metrics. Null when it has none.
 */
export function findUsage(body: JsonObject): Usage | null {
  let usage = bedrockUsage(body);
  if (body['x_groq']) usage = add(usage, objectAt(body, 'x_groq'));
  for (const choice of arrayAt(body, 'choices')) {
    if (!isObject(choice)) continue;
    if (choice['usage']) usage = add(usage, choice);
    const delta = objectAt(choice, 'delta');
    if (delta?.['usage']) usage = add(usage, delta);
  }
  if (body['usage']) usage = add(usage, body);
  return usage === null ? null : withTier(usage, tierOf(body));
}

/** Beside the usage, or in it (Mistral). */
function tierOf(body: JsonObject): string | null {
  const told = stringAt(body, 'service_tier');
  if (told !== null) return told;
  const usage = objectAt(body, 'usage');
  return usage === null ? null : stringAt(usage, 'service_tier');
}

function add(known: Usage | null, holder: JsonObject | null): Usage | null {
  const usage = holder === null ? null : objectAt(holder, 'usage');
  return usage === null ? known : mergeUsage(known, readUsage(usage));
}

/**
 * Writes a `usage` object. Clients add up its three sums without asking, so these are 0 where the upstream did not say;
 * the optional details are left out then.
 */
export function writeUsage(usage: Usage): JsonObject {
  const { input, output, cacheRead, cacheWriteShort, cacheWriteLong, reasoning } = usage;
  const { audioInput = null, audioOutput = null } = usage;
  const written: JsonObject = {
    prompt_tokens: input ?? 0,
    completion_tokens: output ?? 0,
    total_tokens: (input ?? 0) + (output ?? 0),
  };
  const writes =
    cacheWriteShort === null && cacheWriteLong === null
      ? null
      : (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
  if (cacheRead !== null || writes !== null || audioInput !== null) {
    const details: JsonObject = { cached_tokens: cacheRead ?? 0 };
    if (writes !== null) details['cache_write_tokens'] = writes;
    if (audioInput !== null) details['audio_tokens'] = audioInput;
    written['prompt_tokens_details'] = details;
  }
  if (reasoning !== null || audioOutput !== null) {
    const details: JsonObject = { reasoning_tokens: reasoning ?? 0 };
    if (audioOutput !== null) details['audio_tokens'] = audioOutput;
    written['completion_tokens_details'] = details;
  }
  return written;
}
