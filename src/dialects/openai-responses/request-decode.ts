// A client's Responses request into neutral form. What has no neutral form is named, by the grade of its loss: a hint in
// `dropped`, what changes the question in `mustNotDrop`; what Chat Completions has too goes with it as it is (`openai`).
import type { ChatRequest, Num, ReasoningSettings, ResponseFormat } from '../../contracts/chat.ts';
import { GatewayError } from '../../contracts/errors.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { saysNothing } from '../defaults.ts';
import { noteLeftOver } from '../left-over.ts';
import type { Notes } from '../notes.ts';
import { readShared, SHARED_MEMBERS } from '../openai-chat/shared-members.ts';
import {
  at,
  needObject,
  needString,
  oneOf,
  readBoolean,
  readInteger,
  readNumber,
  readObject,
  readString,
  readStrings,
} from '../read.ts';
import { decodeInput } from './input-decode.ts';
import { decodeToolChoice, decodeTools } from './tools-decode.ts';

/** Fields that are read, judged here, or the gateway's own; every other one is named as dropped. */
const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'text',
  'include',
  'user',
  'safety_identifier',
  'stream',
  'stream_options',
  'fallbacks',
  'previous_response_id',
  'conversation',
  'background',
  'prompt',
  'truncation',
  ...SHARED_MEMBERS,
]);
const LOGPROBS = 'message.output_text.logprobs';

/** Reads a request. @throws GatewayError GW_CLIENT_BAD_REQUEST or another that names the field. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const notes: Notes = { dropped: [], mustNotDrop: [], adapted: [] };
  const model = needString(body, 'model', '');
  noteState(body, notes);
  const { system, turns } = decodeInput(body, notes);
  const { tools, custom } = decodeTools(body, notes);
  const text = readObject(body, 'text', '') ?? {};
  const shared = sharedMembers(body, text);
  noteHints(body, text, notes);
  return {
    model,
    system,
    turns,
    tools,
    toolChoice: decodeToolChoice(body, notes),
    parallelToolCalls: readBoolean(body, 'parallel_tool_calls', ''),
    maxTokens: readInteger(body, 'max_output_tokens', ''),
    temperature: readNumber(body, 'temperature', ''),
    topP: readNumber(body, 'top_p', ''),
    topK: null,
    stop: [],
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    responseFormat: responseFormat(text),
    logprobs: logprobs(body),
    reasoning: reasoning(body, notes),
    user: readString(body, 'safety_identifier', '') ?? readString(body, 'user', ''),
    stream: readBoolean(body, 'stream', '') ?? false,
    includeUsage: true,
    dropped: notes.dropped,
    mustNotDrop: notes.mustNotDrop,
    adapted: notes.adapted,
    ...(custom.length > 0 ? { customTools: custom } : {}),
    ...(Object.keys(shared).length > 0 ? { openai: shared } : {}),
  };
}

// What only the provider that keeps it can resolve: an answer without its history would be another one.
function noteState(body: JsonObject, notes: Notes): void {
  const previous = readString(body, 'previous_response_id', '');
  if (previous !== null) {
    throw new GatewayError('GW_CLIENT_RESPONSE_NOT_FOUND', {
      message: `Previous response with id '${previous}' not found.`,
      param: 'previous_response_id',
    });
  }
  if (readBoolean(body, 'background', '') === true) notes.mustNotDrop.push('background');
  for (const name of ['conversation', 'prompt']) {
    const value = body[name];
    if (value !== undefined && value !== null) notes.mustNotDrop.push(name);
  }
}

function noteHints(body: JsonObject, text: JsonObject, notes: Notes): void {
  noteLeftOver(body, KNOWN, '', notes.dropped);
  noteLeftOver(text, new Set(['format', 'verbosity']), 'text', notes.dropped);
  if (readString(body, 'safety_identifier', '') !== null && readString(body, 'user', '') !== null) {
    notes.dropped.push('user');
  }
  const truncation = readString(body, 'truncation', '');
  if (truncation !== null && truncation !== 'disabled') notes.dropped.push('truncation');
  // What is included for a later request of this dialect comes anyway, what belongs to hosted tools cannot be there.
  for (const name of readStrings(body, 'include', '') ?? []) {
    if (name !== LOGPROBS && name !== 'reasoning.encrypted_content') notes.dropped.push('include');
  }
}

function sharedMembers(body: JsonObject, text: JsonObject): JsonObject {
  const shared = readShared(body);
  const verbosity = readString(text, 'verbosity', 'text');
  if (verbosity !== null && !saysNothing('verbosity', verbosity)) shared['verbosity'] = verbosity;
  return shared;
}

function responseFormat(text: JsonObject): ResponseFormat | null {
  const format = readObject(text, 'format', 'text');
  if (format === null) return null;
  const path = 'text.format';
  const kinds = ['text', 'json_object', 'json_schema'] as const;
  const type = oneOf(needString(format, 'type', path), kinds, at(path, 'type'));
  if (type === 'text') return null;
  if (type === 'json_object') return { kind: 'json_object' };
  return {
    kind: 'json_schema',
    name: readString(format, 'name', path) ?? 'response',
    schema: needObject(format, 'schema', path),
    strict: readBoolean(format, 'strict', path),
  };
}

function logprobs(body: JsonObject): Num | null {
  const top = readInteger(body, 'top_logprobs', '');
  if (readStrings(body, 'include', '')?.includes(LOGPROBS)) return top ?? 0;
  return top === null || top === 0 ? null : top;
}

// A summary needs not be asked for elsewhere: what a model shows of its reasoning comes back as one.
function reasoning(body: JsonObject, notes: Notes): ReasoningSettings | null {
  const settings = readObject(body, 'reasoning', '');
  if (settings === null) return null;
  const known = new Set(['effort', 'summary', 'generate_summary']);
  noteLeftOver(settings, known, 'reasoning', notes.dropped);
  for (const name of ['summary', 'generate_summary']) readString(settings, name, 'reasoning');
  const effort = readString(settings, 'effort', 'reasoning');
  return effort === null ? null : { effort, budgetTokens: null, adaptive: false };
}
