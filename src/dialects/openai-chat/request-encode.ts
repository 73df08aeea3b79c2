// A neutral request into an OpenAI chat completion request. The order of members is fixed, so that equal requests give
// equal bytes; numbers print as the client wrote them.
import { createHash } from 'node:crypto';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num, ResponseFormat, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { schemaInWords } from '../json-in-words.ts';
import { type Losses, openLosses, unsupported } from '../losses.ts';
import { at, numberOf } from '../read.ts';
import { toolMemory } from '../tool-memory.ts';
import { fitToolSchema } from '../tool-schema.ts';
import { wireName } from '../wire-name.ts';
import { encodeEffort } from './effort.ts';
import { encodeMessages } from './messages-encode.ts';
import { encodeSampling } from './sampling-encode.ts';
import { fitsStrict } from './strict-schema.ts';

const LONGEST_USER = 64;

/** Writes the request. @throws GatewayError GW_CLIENT_UNSUPPORTED for what OpenAI cannot be asked. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { openai: hasShared(target), logprobs: true, choices: true });
  const scope: EncodeScope = { target, losses };
  const { refuses, offBy } = target.capabilities;
  const body: JsonObject = { model: target.model, messages: encodeMessages(request, scope) };
  const effort = encodeEffort(request.reasoning, target, losses, request.tools.length > 0);
  const cut = encodeSampling(request, effort, body, scope);
  writeTools(request, body, scope);
  if (request.choices !== undefined) body['n'] = request.choices.count;
  writeLogprobs(request.logprobs ?? null, body, scope);
  if (request.responseFormat !== null) writeFormat(request.responseFormat, body, scope);
  if (effort === 'none' && offBy !== null) Object.assign(body, offBy);
  else if (effort !== null) body['reasoning_effort'] = effort;
  if (request.user !== null) {
    if (refuses.includes('user')) losses.drop('metadata.user_id');
    else body['user'] = userId(request.user, losses);
  }
  if (hasShared(target)) writeShared(request.openai ?? {}, body, scope);
  if (request.stream) {
    body['stream'] = true;
    if (target.streamUsage && !refuses.includes('stream_options')) {
      body['stream_options'] = { include_usage: true };
    }
  }
  const encoded: EncodedRequest = {
    body: JSON.stringify(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const tools = toolMemory(request.customTools, renamedTools(request.tools), request.turns, cut);
  if (tools !== undefined) encoded.tools = tools;
  return encoded;
}

/** Most servers that speak this dialect refuse members of OpenAI's that they do not know. */
function hasShared({ legacyMaxTokens }: EncodeTarget): boolean {
  return !legacyMaxTokens;
}

function writeLogprobs(alternatives: Num | null, body: JsonObject, { target }: EncodeScope): void {
  if (alternatives === null) return;
  // A model that has none would answer without what was asked for.
  if (target.capabilities.refuses.includes('logprobs')) throw unsupported('logprobs');
  body['logprobs'] = true;
  if (numberOf(alternatives) > 0) body['top_logprobs'] = alternatives;
}

function writeShared(shared: JsonObject, body: JsonObject, { target, losses }: EncodeScope): void {
  for (const [name, value] of Object.entries(shared)) {
    if (target.capabilities.refuses.includes(name)) losses.drop(name);
    else body[name] = value;
  }
}

function writeTools(request: ChatRequest, body: JsonObject, scope: EncodeScope): void {
  const { target, losses } = scope;
  const { toolChoice, parallelToolCalls } = request;
  let { tools } = request;
  if (tools.length === 0) return; // OpenAI refuses tool_choice and parallel_tool_calls without tools
  const { tools: place, forcedTool, refuses } = target.capabilities;
  if (place !== 'chat') {
    const where = place === 'responses' ? ' on Chat Completions, only on Responses' : '';
    throw unsupported('tools', `The model '${target.model}' takes no function tools${where}.`);
  }
  let choice = toolChoice;
  if (choice?.kind === 'allowed' && target.legacyMaxTokens) {
    // Only OpenAI knows allowed_tools: offering fewer tools asks for the same.
    const allowed = new Set(choice.names);
    losses.adapt('tool_choice');
    tools = tools.filter((tool) => allowed.has(tool.name));
    choice = { kind: choice.mode };
  }
  if (!forcedTool && choice !== null && (choice.kind === 'required' || choice.kind === 'tool')) {
    losses.adapt('tool_choice');
    choice = { kind: 'auto' };
  }
  body['tools'] = tools.map((tool, index) => toolDef(tool, at('tools', index), scope));
  if (choice !== null) body['tool_choice'] = encodeChoice(choice);
  if (parallelToolCalls === null) return;
  if (!refuses.includes('parallel_tool_calls')) body['parallel_tool_calls'] = parallelToolCalls;
  else losses.adapt('tool_choice.disable_parallel_tool_use');
}

function renamedTools(tools: readonly ToolDef[]): Record<string, string> {
  const renamed: Record<string, string> = {};
  for (const { name } of tools) if (wireName(name) !== name) renamed[wireName(name)] = name;
  return renamed;
}

function toolDef(tool: ToolDef, path: string, { target, losses }: EncodeScope): JsonObject {
  if (tool.cache !== null) losses.drop(at(path, 'cache_control'));
  const fn: JsonObject = { name: wireName(tool.name) };
  if (fn['name'] !== tool.name) losses.adapt(at(path, 'name'));
  if (tool.description !== null) fn['description'] = tool.description;
  const fit = tool.schema === null ? null : fitToolSchema(tool.schema, target.capabilities.toolSchema);
  if (tool.schema !== null && fit === null) {
    throw unsupported(
      at(path, 'input_schema'),
      `The input_schema of tool '${tool.name}' describes no object.`,
    );
  }
  if (fit !== null) {
    fn['parameters'] = fit.schema;
    if (fit.adapted) losses.adapt(at(path, 'input_schema'));
  }
  // What was strict about a schema that says less now is nobody's word.
  if (tool.strict !== null && !(fit?.adapted === true && tool.strict)) fn['strict'] = tool.strict;
  return { type: 'function', function: fn };
}

function encodeChoice(choice: ToolChoice): string | JsonObject {
  if (choice.kind === 'tool') return { type: 'function', function: { name: wireName(choice.name) } };
  if (choice.kind !== 'allowed') return choice.kind;
  const tools = choice.names.map((name) => ({ type: 'function', function: { name: wireName(name) } }));
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

// A model without json_schema is asked in words, and for JSON at least in its own way.
function writeFormat(format: ResponseFormat, body: JsonObject, { target, losses }: EncodeScope): void {
  if (format.kind === 'json_schema' && target.capabilities.jsonSchema === 'none') {
    losses.adapt('output_config.format');
    body['response_format'] = { type: 'json_object' };
    (body['messages'] as JsonObject[]).unshift({ role: 'system', content: schemaInWords(format.schema) });
    return;
  }
  body['response_format'] = responseFormat(format, !target.legacyMaxTokens, losses);
}

// A client that says nothing of `strict` is one of Messages, where every schema is kept to.
function responseFormat(format: ResponseFormat, hasStrict: boolean, losses: Losses): JsonObject {
  if (format.kind === 'json_object') return { type: 'json_object' };
  const schema: JsonObject = { name: format.name, schema: format.schema };
  const strict = format.strict ?? (hasStrict && fitsStrict(format.schema) ? true : null);
  if (strict === null) losses.adapt('output_config.format');
  else schema['strict'] = strict;
  return { type: 'json_schema', json_schema: schema };
}

// OpenAI refuses a longer id, and Claude Code's has 141 characters: a digest tells users apart as well.
function userId(user: string, losses: Losses): string {
  if (user.length <= LONGEST_USER) return user;
  losses.adapt('metadata.user_id');
  return createHash('sha256').update(user).digest('hex');
}
