// How many searches of the web a call may make of its provider, which are paid for one by one.
import { memberSpan } from '../body/member-edits.ts';
import type { Call } from '../contracts/call.ts';
import type { JsonObject } from '../contracts/json.ts';
import { arrayAt, numberAt, parseObject, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';

/** What a provider's own tool for searching is called: OpenAI and Anthropic by its type, OpenRouter with its own name before it. */
const TYPED = /^(?:openrouter:)?web_search/;
/** Google has a member of such a name. */
const NAMED = ['google_search', 'googleSearch', 'google_search_retrieval', 'googleSearchRetrieval'] as const;
/** A list that says none of these has no such tool: most have none, and are not parsed. */
const WORDS = ['web_search', 'oogle_search', 'oogleSearch', '\\u'] as const;
/** A list that is longer is not parsed: it would hold up all others. */
const LONGEST = 256 * 1024;
/** Who states more is not taken at his word. */
const MOST = 1_000;

/** As many as the request says at most (`max_uses`, `max_tool_calls`), and one where it lets search and says nothing, or at great length. */
export function searchesAsked({
  operation,
  body,
  facts,
}: Pick<Call, 'operation' | 'body' | 'facts'>): number {
  if (operation?.answer !== 'deltas' || body === null || facts === null) return 0;
  const { members } = facts;
  const least = memberSpan(body, members, 'web_search_options') === null ? 0 : 1;
  const span = memberSpan(body, members, 'tools');
  if (span === null) return least;
  const list = body.subarray(span.start, span.end);
  if (!WORDS.some((word) => list.includes(word))) return least;
  const stated = memberSpan(body, members, 'max_tool_calls');
  const calls = stated === null ? 0 : Number(body.toString('latin1', stated.start, stated.end));
  if (list.length > LONGEST) return Math.min(MOST, calls > 0 ? calls : 1);
  const searches = arrayAt(parseObject(`{"tools":${list.toString()}}`) ?? {}, 'tools').reduce<number>(
    (sum, tool) => sum + (isObject(tool) ? usesOf(tool, calls) : 0),
    0,
  );
  return Math.min(MOST, Math.max(least, searches));
}

/** @param calls of tools of all kinds, where the request says how many at most; 0 = it does not. */
function usesOf(tool: JsonObject, calls: number): number {
  if (!TYPED.test(stringAt(tool, 'type') ?? ''))
    return NAMED.some((name) => tool[name] !== undefined) ? 1 : 0;
  return Math.max(1, numberAt(tool, 'max_uses') ?? (calls > 0 ? calls : 1));
}
