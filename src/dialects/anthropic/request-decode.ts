// A Messages request into the neutral form.
import type {
  ChatRequest,
  Json,
  JsonObject,
  ReasoningSettings,
  ResponseFormat,
  TextPart,
  ToolChoice,
  ToolDef,
  Turn,
} from '../../contracts/chat.ts';
import type { Unmapped } from '../notes.ts';
import {
  asObject,
  at,
  badRequest,
  needArray,
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
  wrongType,
} from '../read.ts';
import { decodeCache, decodeContent, decodeSystem } from './blocks-decode.ts';

/** Members read below, and the gateway's own. Any other is a hint of the vendor's that nobody else has. */
const READ = new Set([
  'model',
  'max_tokens',
  'messages',
  'system',
  'stop_sequences',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'output_format',
  'metadata',
  'temperature',
  'top_p',
  'top_k',
  'fallbacks',
]);

/** Members whose default says nothing. */
const DEFAULTS: ReadonlyMap<string, Json> = new Map([
  ['service_tier', 'auto'],
  ['speed', 'standard'],
]);

/** State kept by the provider, tools it runs, or where it may run: without them something else would be asked. */
const PROVIDER_OWN = new Set(['thread', 'container', 'mcp_servers', 'inference_geo']);

/** @throws GatewayError GW_CLIENT_BAD_REQUEST naming the path of the first member that is missing or of a wrong type. */
export function decodeRequest(body: JsonObject): ChatRequest {
  const unmapped: Unmapped = { dropped: [], mustNotDrop: [] };
  const maxTokens = readInteger(body, 'max_tokens', '');
  if (maxTokens === null) throw wrongType('max_tokens', 'an integer', body.max_tokens);
  const { system, turns } = decodeMessages(body, unmapped);
  const tools = decodeTools(body, unmapped);
  const { toolChoice, parallelToolCalls } = decodeToolChoice(body);
  const { effort, responseFormat } = decodeOutputConfig(body, unmapped);
  const request: ChatRequest = {
    model: needString(body, 'model', ''),
    system,
    turns,
    tools,
    toolChoice,
    parallelToolCalls,
    maxTokens,
    temperature: readNumber(body, 'temperature', ''),
    topP: readNumber(body, 'top_p', ''),
    topK: readNumber(body, 'top_k', ''),
    stop: readStrings(body, 'stop_sequences', '') ?? [],
    seed: null,
    frequencyPenalty: null,
    presencePenalty: null,
    responseFormat,
    reasoning: decodeThinking(body, effort, unmapped),
    user: decodeUser(body, unmapped),
    stream: readBoolean(body, 'stream', '') ?? false,
    includeUsage: true,
    dropped: unmapped.dropped,
    mustNotDrop: unmapped.mustNotDrop,
    ...(unmapped.citations && { citations: unmapped.citations }),
  };
  noteUnread(body, unmapped);
  return request;
}

function decodeMessages(body: JsonObject, unmapped: Unmapped): { system: TextPart[]; turns: Turn[] } {
  const system = decodeSystem(body.system, 'system', unmapped);
  const turns: Turn[] = [];
  const messages = needArray(body, 'messages', '');
  if (messages.length === 0)
    throw badRequest('messages', "Invalid value: 'messages' must hold at least one message.");
  for (const [index, item] of messages.entries()) {
    const path = at('messages', index);
    const message = asObject(item, path);
    const role = oneOf(needString(message, 'role', path), ['user', 'assistant', 'system'], at(path, 'role'));
    if (role !== 'system') {
      turns.push({
        role,
        parts: decodeContent(message.content, at(path, 'content'), role, unmapped),
        name: null,
      });
      continue;
    }
    if (message.content === undefined || message.content === null) {
      throw wrongType(at(path, 'content'), 'a string', message.content);
    }
    const parts = decodeSystem(message.content, at(path, 'content'), unmapped);
    if (turns.length === 0) for (const part of parts) system.push(part);
    else turns.push({ role, parts, name: null });
  }
  return { system, turns };
}

function decodeTools(body: JsonObject, unmapped: Unmapped): ToolDef[] {
  const tools: ToolDef[] = [];
  for (const [index, item] of (readArray(body, 'tools', '') ?? []).entries()) {
    const path = at('tools', index);
    const tool = asObject(item, path);
    const type = readString(tool, 'type', path);
    if (type !== null && type !== 'custom') {
      // A tool Anthropic defines or runs: only its models know it.
      unmapped.mustNotDrop.push(path);
      continue;
    }
    for (const key of ['defer_loading', 'eager_input_streaming', 'allowed_callers', 'input_examples']) {
      if (isSet(tool[key])) unmapped.dropped.push(at(path, key));
    }
    tools.push({
      name: needString(tool, 'name', path),
      description: readString(tool, 'description', path),
      schema: readObject(tool, 'input_schema', path),
      strict: readBoolean(tool, 'strict', path),
      cache: decodeCache(tool, path),
    });
  }
  return tools;
}

function decodeToolChoice(body: JsonObject): {
  toolChoice: ToolChoice | null;
  parallelToolCalls: boolean | null;
} {
  const choice = readObject(body, 'tool_choice', '');
  if (choice === null) return { toolChoice: null, parallelToolCalls: null };
  const path = 'tool_choice';
  const oneAtATime = readBoolean(choice, 'disable_parallel_tool_use', path);
  const parallelToolCalls = oneAtATime === null ? null : !oneAtATime;
  const type = oneOf(needString(choice, 'type', path), ['auto', 'any', 'tool', 'none'], at(path, 'type'));
  if (type === 'tool') {
    return { toolChoice: { kind: 'tool', name: needString(choice, 'name', path) }, parallelToolCalls };
  }
  return { toolChoice: { kind: type === 'any' ? 'required' : type }, parallelToolCalls };
}

function decodeOutputConfig(
  body: JsonObject,
  unmapped: Unmapped,
): { effort: string | null; responseFormat: ResponseFormat | null } {
  const path = 'output_config';
  const config = readObject(body, path, '') ?? {};
  for (const [key, value] of Object.entries(config)) {
    if (key !== 'effort' && key !== 'format' && isSet(value)) unmapped.dropped.push(at(path, key));
  }
  // `output_format` is the same under its name of the beta, which Anthropic still takes.
  const responseFormat = decodeFormat(config, path, 'format') ?? decodeFormat(body, '', 'output_format');
  return { effort: readString(config, 'effort', path), responseFormat };
}

function decodeFormat(parent: JsonObject, parentPath: string, key: string): ResponseFormat | null {
  const format = readObject(parent, key, parentPath);
  if (format === null) return null;
  const path = at(parentPath, key);
  oneOf(needString(format, 'type', path), ['json_schema'], at(path, 'type'));
  // Not `strict`: what Anthropic takes, optional properties for one, another vendor's strict mode may refuse.
  return { kind: 'json_schema', name: 'response', schema: needObject(format, 'schema', path), strict: null };
}

function decodeThinking(
  body: JsonObject,
  effort: string | null,
  unmapped: Unmapped,
): ReasoningSettings | null {
  const thinking = readObject(body, 'thinking', '');
  if (thinking === null) return effort === null ? null : { effort, budgetTokens: null, adaptive: false };
  const type = needString(thinking, 'type', 'thinking');
  if (isSet(thinking.display)) unmapped.dropped.push('thinking.display');
  switch (type) {
    case 'enabled': {
      const budget = readInteger(thinking, 'budget_tokens', 'thinking');
      if (budget === null) throw wrongType('thinking.budget_tokens', 'an integer', thinking.budget_tokens);
      return { effort, budgetTokens: numberOf(budget), adaptive: false };
    }
    case 'disabled':
      if (effort !== null) unmapped.dropped.push('output_config.effort');
      return { effort: 'none', budgetTokens: null, adaptive: false };
    case 'adaptive':
      return { effort, budgetTokens: null, adaptive: true };
    default:
      // `between_tools` and whatever follows it: the model decides, as with adaptive, only not at the same places.
      unmapped.dropped.push('thinking.type');
      return { effort, budgetTokens: null, adaptive: true };
  }
}

function decodeUser(body: JsonObject, unmapped: Unmapped): string | null {
  const metadata = readObject(body, 'metadata', '');
  if (metadata === null) return null;
  for (const [key, value] of Object.entries(metadata)) {
    if (key !== 'user_id' && isSet(value)) unmapped.dropped.push(at('metadata', key));
  }
  return readString(metadata, 'user_id', 'metadata');
}

function noteUnread(body: JsonObject, unmapped: Unmapped): void {
  for (const [key, value] of Object.entries(body)) {
    const read = READ.has(key) && !(key === 'fallbacks' && isVendors(value));
    if (read || value === undefined || value === null || DEFAULTS.get(key) === value) continue;
    if (!PROVIDER_OWN.has(key)) unmapped.dropped.push(key);
    else if (isSet(value)) unmapped.mustNotDrop.push(key);
  }
}

/** `fallbacks` of Anthropic's own; the gateway's is a list of strings. */
function isVendors(fallbacks: Json | undefined): boolean {
  return !Array.isArray(fallbacks) || fallbacks.some((name) => typeof name !== 'string');
}

// Said, and not just to say nothing.
function isSet(value: Json | undefined): boolean {
  return (
    value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
  );
}
