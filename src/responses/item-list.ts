// Items as a list that clients page through.
import { createHash } from 'node:crypto';
import { GatewayError } from '../contracts/errors.ts';
import type { JsonObject } from '../contracts/json.ts';
import { stringAt } from '../dialects/lenient.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;
const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  custom_tool_call: 'ctc',
  custom_tool_call_output: 'ctco',
};

/** Each with an id and the form in which it is shown: the same each time. @param of what they belong to. */
export function shownItems(items: readonly JsonObject[], of: string): JsonObject[] {
  return items.map((item, at) => shown(item, `${of} ${at}`));
}

function shown(item: JsonObject, seed: string): JsonObject {
  const type = stringAt(item, 'type') ?? 'message';
  const made = createHash('sha256').update(seed).digest('hex').slice(0, 48);
  const id = stringAt(item, 'id') ?? `${PREFIXES[type] ?? 'item'}_${made}`;
  if (type !== 'message') return { ...item, id, type };
  const role = stringAt(item, 'role') ?? 'user';
  const { content } = item;
  const text = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = typeof content === 'string' ? [{ type: text, text: content }] : (content ?? []);
  return { ...item, id, type, status: stringAt(item, 'status') ?? 'completed', role, content: parts };
}

/** A page of `items`, oldest first, as `query` asks for it. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the parameter. */
export function pageOf(items: readonly JsonObject[], query: string): JsonObject {
  const asked = new URLSearchParams(query);
  const order = asked.get('order') ?? 'desc';
  if (order !== 'asc' && order !== 'desc') throw wrong('order', 'asc or desc');
  const limit = Number(asked.get('limit') ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw wrong('limit', `1 to ${MAX_LIMIT}`);
  const all = order === 'asc' ? items : items.toReversed();
  const place = (name: 'after' | 'before'): number => {
    const id = asked.get(name);
    const at = id === null ? -1 : all.findIndex((item) => item['id'] === id);
    if (id !== null && at < 0) throw wrong(name, 'the id of an item of this list');
    return at;
  };
  const [after, before] = [place('after'), place('before')];
  const window = all.slice(after + 1, before < 0 ? all.length : before);
  // Before an item the page ends at it, else it begins behind the other one.
  const data = before >= 0 && after < 0 ? window.slice(-limit) : window.slice(0, limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: window.length > data.length,
  };
}

function wrong(param: string, expected: string): GatewayError {
  return new GatewayError('GW_CLIENT_BAD_REQUEST', { message: `'${param}' must be ${expected}.`, param });
}
