// POST /v1/chat and /v1/generate, Cohere's first API, which its SDKs' first clients still ask: what it says in the words of the second. Pure.
import type { Json, JsonObject } from '../../contracts/json.ts';
import {
  asObject,
  at,
  badRequest,
  isObject,
  needObject,
  needString,
  numberOf,
  oneOf,
  readArray,
  readInteger,
  readObject,
  readString,
  readStrings,
} from '../read.ts';

/** Its vendor's, where none is named: https://docs.cohere.com/v1/reference/chat */
export const FIRST_DEFAULT_MODEL = 'command-a-03-2025';

/** Members that mean the same in both. */
const SAME = [
  'model',
  'stream',
  'temperature',
  'max_tokens',
  'k',
  'p',
  'seed',
  'stop_sequences',
  'frequency_penalty',
  'presence_penalty',
  'tool_choice',
  'strict_tools',
  'thinking',
  'logprobs',
  'priority',
  'fallbacks',
] as const;
/** What is done at Cohere alone and has no place in the second API: a request that wants it is refused. */
const WANTED_ELSEWHERE = ['connectors', 'search_queries_only', 'raw_prompting', 'conversation_id'] as const;
const SPEAKERS = { USER: 'user', CHATBOT: 'assistant', SYSTEM: 'system' } as const;
const ROLES = ['USER', 'CHATBOT', 'SYSTEM', 'TOOL'] as const;

/** What the answer is made with: what the conversation was, in the words of its client. */
export interface FirstAsked {
  /** Of /v1/generate; absent: it is a chat. */
  readonly prompt?: string;
  readonly history: readonly Json[];
  readonly documents: readonly JsonObject[];
}

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function secondRequest(body: JsonObject): { body: JsonObject; asked: FirstAsked } {
  for (const name of WANTED_ELSEWHERE) {
    const value = body[name];
    if (value === undefined || value === null || value === false || isEmpty(value)) continue;
    throw badRequest(name, `'${name}' is not supported: the second API of Cohere has nothing like it.`);
  }
  const second: JsonObject = { model: FIRST_DEFAULT_MODEL };
  for (const name of SAME) if (body[name] !== undefined && body[name] !== null) second[name] = body[name];
  const history = readArray(body, 'chat_history', '') ?? [];
  const messages = new Messages();
  const preamble = readString(body, 'preamble', '');
  if (preamble) messages.say('system', preamble);
  for (const [index, item] of history.entries()) {
    const path = at('chat_history', index);
    messages.turn(asObject(item, path), path);
  }
  const message = needString(body, 'message', '');
  const results = readArray(body, 'tool_results', '') ?? [];
  // Results stand right behind their calls, where those were said.
  const answersFirst = messages.waits;
  if (answersFirst) messages.results(results, 'tool_results');
  if (message !== '' || results.length === 0) messages.say('user', message);
  if (!answersFirst) messages.results(results, 'tool_results');
  second['messages'] = messages.list;
  const tools = readArray(body, 'tools', '') ?? [];
  if (tools.length > 0)
    second['tools'] = tools.map((tool, index) => toolOf(asObject(tool, at('tools', index)), index));
  const documents = (readArray(body, 'documents', '') ?? []).map((one, index) =>
    asObject(one, at('documents', index)),
  );
  if (documents.length > 0) second['documents'] = documents.map(documentOf);
  const quality = readString(body, 'citation_quality', '');
  if (quality !== null)
    second['citation_options'] = {
      mode: oneOf(quality.toUpperCase(), ['FAST', 'ACCURATE', 'OFF'], 'citation_quality'),
    };
  const safety = readString(body, 'safety_mode', '');
  if (safety !== null) second['safety_mode'] = safety === 'NONE' ? 'OFF' : safety;
  const format = readObject(body, 'response_format', '');
  if (format !== null) {
    const { schema, ...more } = format;
    second['response_format'] = { ...more, ...(isObject(schema) && { json_schema: schema }) };
  }
  const said: Json[] = message === '' ? [] : [{ role: 'USER', message }];
  if (results.length > 0) said.push({ role: 'TOOL', tool_results: results });
  return { body: second, asked: { history: [...history, ...said], documents } };
}

/** What only its first text models had. */
const OF_GENERATE = ['preset', 'return_likelihoods', 'raw_prompting', 'logit_bias'] as const;

/** A text to go on from as a chat. @throws GatewayError as secondRequest. */
export function secondOfGenerate(body: JsonObject): { body: JsonObject; asked: FirstAsked } {
  for (const name of OF_GENERATE) {
    const value = body[name] ?? null;
    if (value === null || value === false || value === 'NONE' || isEmpty(value)) continue;
    throw badRequest(name, `'${name}' is not supported: a chat stands in for the model.`);
  }
  if (numberOf(readInteger(body, 'num_generations', '', 1) ?? 1) > 1)
    throw badRequest('num_generations', "'num_generations' may be 1 only: a chat gives one answer.");
  const prompt = needString(body, 'prompt', '');
  const second: JsonObject = { model: FIRST_DEFAULT_MODEL };
  for (const name of SAME) if (body[name] !== undefined && body[name] !== null) second[name] = body[name];
  const ends = readStrings(body, 'end_sequences', '') ?? [];
  if (ends.length > 0)
    second['stop_sequences'] = [...(readStrings(body, 'stop_sequences', '') ?? []), ...ends];
  second['messages'] = [{ role: 'user', content: prompt }];
  return { body: second, asked: { history: [], documents: [], prompt } };
}

/** The conversation as it grows: calls have no ids in the first API, so that results are matched in order. */
class Messages {
  readonly list: JsonObject[] = [];
  #calls = 0;
  /** Of calls without a result, the oldest first. */
  #open: { id: string; name: string }[] = [];

  /** The last that was said are calls without results. */
  get waits(): boolean {
    return this.#open.length > 0 && this.list.at(-1)?.['tool_calls'] !== undefined;
  }

  say(role: string, content: string): void {
    this.list.push({ role, content });
  }

  turn(item: JsonObject, path: string): void {
    const role = oneOf(needString(item, 'role', path).toUpperCase(), ROLES, at(path, 'role'));
    if (role === 'TOOL') {
      this.results(readArray(item, 'tool_results', path) ?? [], at(path, 'tool_results'));
      return;
    }
    const text = readString(item, 'message', path) ?? '';
    const where = at(path, 'tool_calls');
    const calls = role === 'CHATBOT' ? (readArray(item, 'tool_calls', path) ?? []) : [];
    if (calls.length === 0) this.say(SPEAKERS[role], text);
    else {
      const made = calls.map((call, index) => asObject(call, at(where, index)));
      this.#call(made, where, text);
    }
  }

  results(results: readonly Json[], path: string): void {
    const read = results.map((item, index) => {
      const where = at(path, index);
      const result = asObject(item, where);
      const call = needObject(result, 'call', where);
      return {
        call,
        name: needString(call, 'name', at(where, 'call')),
        outputs: readArray(result, 'outputs', where) ?? [],
      };
    });
    // Nobody said that these were called: their results do.
    const unsaid = read.filter(({ name }) => !this.#open.some((open) => open.name === name));
    if (unsaid.length > 0)
      this.#call(
        read.map(({ call }) => call),
        path,
        '',
      );
    const answered: { id: string; name: string; documents: JsonObject[] }[] = [];
    for (const { name, outputs } of read) {
      const documents = outputs.map((output) => ({
        type: 'document',
        document: { data: isObject(output) ? output : { output } },
      }));
      const index = this.#open.findIndex((open) => open.name === name);
      // Of more results than calls the rest is more of the last one's.
      if (index === -1) answered.findLast((one) => one.name === name)!.documents.push(...documents);
      else answered.push({ ...this.#open.splice(index, 1)[0]!, documents });
    }
    for (const { id, documents } of answered)
      this.list.push({ role: 'tool', tool_call_id: id, content: documents.length > 0 ? documents : '' });
  }

  #call(calls: readonly JsonObject[], path: string, plan: string): void {
    const made = calls.map((call, index) => {
      const name = needString(call, 'name', at(path, index));
      const id = `call_${this.#calls++}`;
      return { id, name, arguments: JSON.stringify(call['parameters'] ?? {}) };
    });
    this.#open = made.map(({ id, name }) => ({ id, name }));
    this.list.push({
      role: 'assistant',
      ...(plan !== '' && { tool_plan: plan }),
      tool_calls: made.map(({ id, ...fn }) => ({ id, type: 'function', function: fn })),
    });
  }
}

/** Parameters are told by the names of Python's types. */
function toolOf(tool: JsonObject, index: number): JsonObject {
  const path = at('tools', index);
  const defined = readObject(tool, 'parameter_definitions', path) ?? {};
  const properties: JsonObject = {};
  const required: string[] = [];
  for (const [name, value] of Object.entries(defined)) {
    const where = at(at(path, 'parameter_definitions'), name);
    const { type: _, required: must, ...more } = asObject(value, where);
    properties[name] = { ...schemaOf(needString(asObject(value, where), 'type', where)), ...more };
    if (must === true) required.push(name);
  }
  const description = readString(tool, 'description', path);
  return {
    type: 'function',
    function: {
      name: needString(tool, 'name', path),
      ...(description !== null && { description }),
      parameters: { type: 'object', properties, ...(required.length > 0 && { required }) },
    },
  };
}

const TYPES: Readonly<Record<string, string>> = {
  str: 'string',
  int: 'integer',
  float: 'number',
  bool: 'boolean',
  dict: 'object',
  list: 'array',
};
const LIST = /^(?:list|array|sequence|tuple)\[(.*)\]$/i;

function schemaOf(type: string): JsonObject {
  const items = LIST.exec(type.trim())?.[1];
  if (items !== undefined) return { type: 'array', items: schemaOf(items) };
  const name = type.trim().toLowerCase();
  if (name.startsWith('dict')) return { type: 'object' };
  const known = TYPES[name] ?? name;
  if (!/^(?:string|integer|number|boolean|object|array)$/.test(known)) return {};
  return known === 'array' ? { type: known, items: {} } : { type: known };
}

/** Fields of a document are shown to the model but for those that it excludes. */
function documentOf(document: JsonObject, index: number): JsonObject {
  const hidden = new Set([
    'id',
    '_excludes',
    ...(readStrings(document, '_excludes', at('documents', index)) ?? []),
  ]);
  const data = Object.fromEntries(Object.entries(document).filter(([name]) => !hidden.has(name)));
  const id = readString(document, 'id', at('documents', index));
  return { id: id ?? `doc_${index}`, data };
}

function isEmpty(value: Json): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}
