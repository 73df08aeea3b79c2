// A conversation as a summary: asked of a model that has no way of its own to compact one, and put into an item whose content
// only we read. Wherever such an item comes back, its summary stands in its place.
import type { Json, JsonObject } from '../contracts/json.ts';
import { arrayAt, stringAt } from '../dialects/lenient.ts';
import { isObject } from '../dialects/read.ts';

/** Begins the content of our items; the summary follows as base64url. */
const SEAL = 'hgc1.';
const ASK =
  'Summarise the conversation above so that it can go on from your summary alone. Keep what was asked for and decided, facts, ' +
  'names, numbers, file paths and code that are still needed, what was tried and came out of it, and what is left to do. ' +
  'Answer with the summary and nothing else.';
const INTRODUCTION = 'Summary of the conversation so far:\n\n';
/** What shapes an answer, and not a summary. */
const LEFT_OUT = [
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'stream',
  'stream_options',
  'background',
  'store',
];

/** The request that asks for a summary of what `request` holds. */
export function summaryRequest(request: JsonObject): JsonObject {
  const { input, ...rest } = request;
  const items: Json[] = Array.isArray(input) ? [...input] : [];
  if (typeof input === 'string') items.push({ type: 'message', role: 'user', content: input });
  for (const name of LEFT_OUT) delete rest[name];
  return { ...rest, store: false, input: [...items, { type: 'message', role: 'user', content: ASK }] };
}

/** The compaction that a response with a summary is. @param id of it, without a prefix. @param now seconds since 1970. */
export function compactionOf(response: JsonObject, id: string, now: number): JsonObject {
  const text = arrayAt(response, 'output')
    .filter(isObject)
    .filter((item) => item['type'] === 'message')
    .flatMap((item) => arrayAt(item, 'content').filter(isObject))
    .map((part) => stringAt(part, 'text') ?? '')
    .join('');
  const content = SEAL + Buffer.from(text).toString('base64url');
  return {
    id: `resp_${id}`,
    object: 'response.compaction',
    created_at: now,
    output: [{ id: `cmp_${id}`, type: 'compaction', encrypted_content: content }],
    usage: response['usage'] ?? null,
  };
}

/** Items with summaries in the places of our compactions; the same text when there are none. @param items text of a JSON list. */
export function opened(items: string): string {
  // The longer word is found ten times as fast where it is not.
  if (!items.includes('"compaction"') || !items.includes(SEAL)) return items;
  const list = JSON.parse(items) as Json; // of a body that was inspected
  if (!Array.isArray(list)) return items;
  return JSON.stringify(list.map((item) => (isObject(item) ? open(item) : item)));
}

function open(item: JsonObject): JsonObject {
  const content = stringAt(item, 'encrypted_content');
  if (item['type'] !== 'compaction' || content === null || !content.startsWith(SEAL)) return item;
  const text = Buffer.from(content.slice(SEAL.length), 'base64url').toString('utf8');
  return { type: 'message', role: 'user', content: INTRODUCTION + text };
}
