// A neutral request into an OpenAI chat completion request. The order of members is fixed, so that equal requests give
// equal bytes; numbers print as the client wrote them.
import { createHash } from 'node:crypto';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, ResponseFormat, ToolChoice, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { Losses, unsupported } from '../losses.ts';
import { at } from '../read.ts';
import { toolMemory } from '../tool-memory.ts';
import { encodeEffort } from './effort.ts';
import { encodeMessages } from './messages-encode.ts';
import type { EncodeScope } from './parts-encode.ts';
import { wireName } from './wire-name.ts';

const MOST_STOPS = 4;
const LONGEST_USER = 64;

/** Writes the request. @throws GatewayError GW_CLIENT_UNSUPPORTED for what OpenAI cannot be asked. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const [lost] = request.mustNotDrop;
  if (lost !== undefined) throw unsupported(lost);
  const losses = new Losses(target.strict);
  for (const path of request.dropped) losses.drop(path);
  for (const path of request.adapted ?? []) losses.adapt(path);
  const scope: EncodeScope = { target, losses };
  const body: JsonObject = { model: target.model, messages: encodeMessages(request, scope) };
  if (request.maxTokens !== null) {
    body[target.legacyMaxTokens ? 'max_tokens' : 'max_completion_tokens'] = request.maxTokens;
  }
  writeSampling(request, body, scope);
  writeTools(request, body, scope);
  if (request.responseFormat !== null) body['response_format'] = responseFormat(request.responseFormat);
  const effort = request.reasoning === null ? null : encodeEffort(request.reasoning, target, losses);
  if (effort !== null) body['reasoning_effort'] = effort;
  if (request.user !== null) body['user'] = userId(request.user, losses);
  if (request.stream) {
    body['stream'] = true;
    if (target.streamUsage) body['stream_options'] = { include_usage: true };
  }
  const encoded: EncodedRequest = {
    body: JSON.stringify(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const tools = toolMemory(request.customTools, renamedTools(request.tools));
  if (tools !== undefined) encoded.tools = tools;
  return encoded;
}

function writeSampling(request: ChatRequest, body: JsonObject, { target, losses }: EncodeScope): void {
  const sampling = {
    temperature: request.temperature,
    top_p: request.topP,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
  };
  for (const [name, value] of Object.entries(sampling)) {
    if (value === null) continue;
    if (target.capabilities.sampling === 'all') body[name] = value;
    else losses.drop(name);
  }
  if (request.topK !== null) losses.drop('top_k');
  if (request.seed !== null) body['seed'] = request.seed;
  if (request.stop.length === 0) return;
  if (request.stop.length > MOST_STOPS && !target.legacyMaxTokens) {
    throw unsupported('stop_sequences', `This provider takes at most ${MOST_STOPS} stop sequences.`);
  }
  body['stop'] = request.stop;
}

function writeTools(request: ChatRequest, body: JsonObject, { target, losses }: EncodeScope): void {
  const { toolChoice, parallelToolCalls } = request;
  let { tools } = request;
  if (tools.length === 0) return; // OpenAI refuses tool_choice and parallel_tool_calls without tools
  let choice = toolChoice;
  if (choice?.kind === 'allowed' && target.legacyMaxTokens) {
    // Only OpenAI knows allowed_tools: offering fewer tools asks for the same.
    const allowed = new Set(choice.names);
    losses.adapt('tool_choice');
    tools = tools.filter((tool) => allowed.has(tool.name));
    choice = { kind: choice.mode };
  }
  body['tools'] = tools.map((tool, index) => toolDef(tool, at('tools', index), losses));
  if (choice !== null) body['tool_choice'] = encodeChoice(choice);
  if (parallelToolCalls !== null) body['parallel_tool_calls'] = parallelToolCalls;
}

function renamedTools(tools: readonly ToolDef[]): Record<string, string> {
  const renamed: Record<string, string> = {};
  for (const { name } of tools) if (wireName(name) !== name) renamed[wireName(name)] = name;
  return renamed;
}

function toolDef(tool: ToolDef, path: string, losses: Losses): JsonObject {
  if (tool.cache !== null) losses.drop(at(path, 'cache_control'));
  const fn: JsonObject = { name: wireName(tool.name) };
  if (fn['name'] !== tool.name) losses.adapt(at(path, 'name'));
  if (tool.description !== null) fn['description'] = tool.description;
  if (tool.schema !== null) fn['parameters'] = tool.schema;
  if (tool.strict !== null) fn['strict'] = tool.strict;
  return { type: 'function', function: fn };
}

function encodeChoice(choice: ToolChoice): string | JsonObject {
  if (choice.kind === 'tool') return { type: 'function', function: { name: wireName(choice.name) } };
  if (choice.kind !== 'allowed') return choice.kind;
  const tools = choice.names.map((name) => ({ type: 'function', function: { name: wireName(name) } }));
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

function responseFormat(format: ResponseFormat): JsonObject {
  if (format.kind === 'json_object') return { type: 'json_object' };
  const schema: JsonObject = { name: format.name, schema: format.schema };
  if (format.strict !== null) schema['strict'] = format.strict;
  return { type: 'json_schema', json_schema: schema };
}

// OpenAI refuses a longer id, and Claude Code's has 141 characters: a digest tells users apart as well.
function userId(user: string, losses: Losses): string {
  if (user.length <= LONGEST_USER) return user;
  losses.adapt('metadata.user_id');
  return createHash('sha256').update(user).digest('hex');
}
