// A client's chat completion request into neutral form. What has no neutral form is named, by the grade of its loss
// (wire.md 7.1): a hint in `dropped`, what changes the question in `mustNotDrop`.
import type { ChatRequest, Num, ReasoningSettings, ResponseFormat } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { noteLeftOver } from '../left-over.ts';
import type { Notes } from '../notes.ts';
import {
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
import { readShared, SHARED_MEMBERS } from './shared-members.ts';
import { customToolNames, decodeToolChoice, decodeTools } from './tools-decode.ts';

/** Fields that are read, judged here, or the gateway's own; every other one is named as dropped. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'max_completion_tokens',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'functions',
  'function_call',
  'reasoning_effort',
  'modalities',
  'audio',
  'prediction',
  ...SHARED_MEMBERS,
  'verbosity',
  'user',
  'safety_identifier',
  'web_search_options',
  'stream',
  'stream_options',
  'fallbacks',
]);

/** Reads a request. @throws GatewayError GW_CLIENT_BAD_REQUEST naming the field. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const notes: Notes = { dropped: [], mustNotDrop: [], adapted: [] };
  const model = needString(body, 'model', '');
  const { system, turns } = decodeMessages(body, notes);
  const tools = decodeTools(body, notes);
  const customTools = customToolNames(body);
  noteHints(body, notes);
  noteDemands(body, notes);
  const options = readObject(body, 'stream_options', '');
  const shared = readShared(body, ['verbosity']);
  return {
    model,
    system,
    turns,
    tools,
    toolChoice: decodeToolChoice(body),
    parallelToolCalls: readBoolean(body, 'parallel_tool_calls', ''),
    maxTokens: readInteger(body, 'max_completion_tokens', '') ?? readInteger(body, 'max_tokens', ''),
    temperature: readNumber(body, 'temperature', ''),
    topP: readNumber(body, 'top_p', ''),
    topK: readNumber(body, 'top_k', ''),
    stop: typeof body['stop'] === 'string' ? [body['stop']] : (readStrings(body, 'stop', '') ?? []),
    seed: readInteger(body, 'seed', '', Number.NEGATIVE_INFINITY),
    frequencyPenalty: readNumber(body, 'frequency_penalty', ''),
    presencePenalty: readNumber(body, 'presence_penalty', ''),
    responseFormat: responseFormat(body),
    logprobs: logprobs(body),
    ...choices(body),
    reasoning: reasoning(body),
    user: readString(body, 'safety_identifier', '') ?? readString(body, 'user', ''),
    stream: readBoolean(body, 'stream', '') ?? false,
    includeUsage:
      options === null ? false : (readBoolean(options, 'include_usage', 'stream_options') ?? false),
    dropped: notes.dropped,
    mustNotDrop: notes.mustNotDrop,
    adapted: notes.adapted,
    ...(customTools.length > 0 ? { customTools } : {}),
    ...(Object.keys(shared).length > 0 ? { openai: shared } : {}),
  };
}

function responseFormat(body: JsonObject): ResponseFormat | null {
  const format = readObject(body, 'response_format', '');
  if (format === null) return null;
  const path = 'response_format';
  const type = oneOf(
    needString(format, 'type', path),
    ['text', 'json_object', 'json_schema'],
    at(path, 'type'),
  );
  if (type === 'text') return null;
  if (type === 'json_object') return { kind: 'json_object' };
  const given = needObject(format, 'json_schema', path);
  const where = at(path, 'json_schema');
  return {
    kind: 'json_schema',
    name: readString(given, 'name', where) ?? 'response',
    schema: readObject(given, 'schema', where) ?? {},
    strict: readBoolean(given, 'strict', where),
  };
}

function logprobs(body: JsonObject): Num | null {
  const top = readInteger(body, 'top_logprobs', '');
  return readBoolean(body, 'logprobs', '') === true ? (top ?? 0) : null;
}

function choices(body: JsonObject): Pick<ChatRequest, 'choices'> {
  const count = readInteger(body, 'n', '', 1);
  return count === null || numberOf(count) === 1 ? {} : { choices: { count, field: 'n' } };
}

function reasoning(body: JsonObject): ReasoningSettings | null {
  const effort = readString(body, 'reasoning_effort', '');
  return effort === null ? null : { effort, budgetTokens: null, adaptive: false };
}

// Grade D. Values that only repeat the default are no loss.
function noteHints(body: JsonObject, notes: Notes): void {
  noteLeftOver(body, KNOWN, '', notes.dropped);
  const bias = readObject(body, 'logit_bias', '');
  if (bias !== null && Object.keys(bias).length > 0) notes.dropped.push('logit_bias');
  if (readString(body, 'safety_identifier', '') !== null && readString(body, 'user', '') !== null) {
    notes.dropped.push('user');
  }
  const options = readObject(body, 'stream_options', '');
  if (options !== null) noteLeftOver(options, new Set(['include_usage']), 'stream_options', notes.dropped);
}

// Grade E: without them the answer is another one.
function noteDemands(body: JsonObject, { mustNotDrop }: Notes): void {
  const modalities = readArray(body, 'modalities', '') ?? [];
  if (modalities.some((modality) => modality !== 'text')) mustNotDrop.push('modalities');
  for (const key of ['audio', 'prediction', 'web_search_options']) {
    if (readObject(body, key, '') !== null) mustNotDrop.push(key);
  }
}
