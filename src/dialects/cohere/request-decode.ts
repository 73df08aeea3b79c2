// A client's v2 chat request into neutral form. What has no neutral form is named, by the grade of its loss (wire.md 7.1).
import type {
  ChatRequest,
  Num,
  ReasoningSettings,
  ResponseFormat,
  ToolChoice,
  ToolDef,
} from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { type Assumed, noteLeftOver } from '../left-over.ts';
import type { Notes } from '../notes.ts';
import {
  asObject,
  at,
  needObject,
  needString,
  numberOf,
  oneOf,
  readArray,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
} from '../read.ts';
import { decodeMessages } from './messages-decode.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'strict_tools',
  'tool_choice',
  'documents',
  'response_format',
  'thinking',
  'max_tokens',
  'stop_sequences',
  'temperature',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'k',
  'p',
  'logprobs',
  'stream',
  'fallbacks',
]);
/** Citations that are not wanted are what others give. */
const ASSUMED: Assumed = { safety_mode: '"CONTEXTUAL"', priority: '0', citation_options: '{"mode":"OFF"}' };
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(['name', 'description', 'parameters']);

/** Reads a request. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const notes: Notes = { dropped: [], mustNotDrop: [], adapted: [] };
  const model = needString(body, 'model', '');
  const { system, turns } = decodeMessages(body, notes);
  noteLeftOver(body, KNOWN, '', notes.dropped, ASSUMED);
  const request: ChatRequest = {
    model,
    system,
    turns,
    tools: decodeTools(body, notes),
    toolChoice: toolChoice(body),
    parallelToolCalls: null,
    maxTokens: readInteger(body, 'max_tokens', ''),
    temperature: readNumber(body, 'temperature', ''),
    topP: readNumber(body, 'p', ''),
    topK: topK(body),
    stop: readStrings(body, 'stop_sequences', '') ?? [],
    seed: readInteger(body, 'seed', ''),
    frequencyPenalty: readNumber(body, 'frequency_penalty', ''),
    presencePenalty: readNumber(body, 'presence_penalty', ''),
    responseFormat: responseFormat(body),
    reasoning: thinking(body),
    user: null,
    stream: readBoolean(body, 'stream', '') ?? false,
    includeUsage: true,
    dropped: notes.dropped,
    mustNotDrop: notes.mustNotDrop,
    adapted: notes.adapted,
  };
  if (readBoolean(body, 'logprobs', '') === true) request.logprobs = 0;
  return request;
}

/** 0 is no limit. */
function topK(body: JsonObject): Num | null {
  const count = readNumber(body, 'k', '');
  return count === null || numberOf(count) === 0 ? null : count;
}

function decodeTools(body: JsonObject, notes: Notes): ToolDef[] {
  const strict = readBoolean(body, 'strict_tools', '');
  return (readArray(body, 'tools', '') ?? []).map((item, index) =>
    decodeTool(item, at('tools', index), strict, notes),
  );
}

function decodeTool(item: Json, path: string, strict: boolean | null, notes: Notes): ToolDef {
  const tool = asObject(item, path);
  oneOf(readString(tool, 'type', path) ?? 'function', ['function'], at(path, 'type'));
  const fn = needObject(tool, 'function', path);
  const where = at(path, 'function');
  noteLeftOver(fn, FUNCTION_FIELDS, where, notes.dropped);
  return {
    name: needString(fn, 'name', where),
    description: readString(fn, 'description', where),
    schema: readObject(fn, 'parameters', where),
    strict,
    cache: null,
  };
}

function toolChoice(body: JsonObject): ToolChoice | null {
  const choice = readString(body, 'tool_choice', '');
  if (choice === null) return null;
  return oneOf(choice, ['REQUIRED', 'NONE'], 'tool_choice') === 'NONE'
    ? { kind: 'none' }
    : { kind: 'required' };
}

function responseFormat(body: JsonObject): ResponseFormat | null {
  const format = readObject(body, 'response_format', '');
  if (format === null) return null;
  const path = 'response_format';
  if (oneOf(needString(format, 'type', path), ['text', 'json_object'], at(path, 'type')) === 'text')
    return null;
  // `schema` is what it was called before v2.
  const schema = readObject(format, 'json_schema', path) ?? readObject(format, 'schema', path);
  return schema === null
    ? { kind: 'json_object' }
    : { kind: 'json_schema', name: 'response', schema, strict: null };
}

function thinking(body: JsonObject): ReasoningSettings | null {
  const settings = readObject(body, 'thinking', '');
  if (settings === null) return null;
  const type = oneOf(needString(settings, 'type', 'thinking'), ['enabled', 'disabled'], 'thinking.type');
  if (type === 'disabled') return { effort: 'none', budgetTokens: null, adaptive: false };
  const budget = readInteger(settings, 'token_budget', 'thinking');
  return { effort: null, budgetTokens: budget === null ? null : numberOf(budget), adaptive: budget === null };
}
