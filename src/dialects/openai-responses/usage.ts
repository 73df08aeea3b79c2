// Token usage in Responses' names, to and from the neutral form (wire.md 7.9). Clients read every member without asking.
import type { Usage } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../lenient.ts';
import { readUsage } from '../openai-chat/usage.ts';
import { isObject } from '../read.ts';
import { withTier } from '../served-tier.ts';

/** The usage of a `response` object; null when it tells none. */
export function usageOf(response: JsonObject): Usage | null {
  const usage = objectAt(response, 'usage');
  if (usage === null) return null;
  const read = readUsage(usage);
  const searches = searchesIn(response) || searchesTold(usage);
  if (searches > 0) read.webSearches = searches;
  return withTier(read, stringAt(response, 'service_tier'));
}

/** Searches of the web that it made: to open a page it found is none. */
function searchesIn(response: JsonObject): number {
  let searches = 0;
  for (const item of arrayAt(response, 'output')) {
    if (!isObject(item) || item['type'] !== 'web_search_call') continue;
    const action = objectAt(item, 'action');
    if (action === null || stringAt(action, 'type') === 'search') searches++;
  }
  return searches;
}

/** Names that Perplexity has for its search among what it counts of calls of tools. */
const SEARCHES = ['search_web', 'web_search', 'people_search', 'finance_search'] as const;

/** Searches that Perplexity counts in its usage, as a number or in an object: it has no items for them. */
function searchesTold(usage: JsonObject): number {
  const details = objectAt(usage, 'tool_calls_details');
  if (details === null) return 0;
  let searches = 0;
  for (const name of SEARCHES)
    searches += Math.max(
      0,
      numberAt(details, name) ?? numberAt(objectAt(details, name) ?? {}, 'invocation') ?? 0,
    );
  return searches;
}

/** A `usage` object; sums and details are 0 where the upstream did not say. */
export function writeUsage(usage: Usage): JsonObject {
  const { input, output, cacheRead, cacheWriteShort, cacheWriteLong, reasoning } = usage;
  return {
    input_tokens: input ?? 0,
    input_tokens_details: {
      cached_tokens: cacheRead ?? 0,
      cache_write_tokens: (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0),
    },
    output_tokens: output ?? 0,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: (input ?? 0) + (output ?? 0),
  };
}
