// A neutral request into a v2 chat request. The order of members is fixed, so that equal requests give equal bytes; numbers
// print as the client wrote them.
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num, ReasoningSettings, ToolDef } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isEffort } from '../effort-level.ts';
import { type Losses, openLosses, unsupported } from '../losses.ts';
import { at, numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { budgetOfEffort } from '../thinking-budget.ts';
import { toolMemory } from '../tool-memory.ts';
import { fitToolSchema } from '../tool-schema.ts';
import { wireName } from '../wire-name.ts';
import { encodeMessages } from './messages-encode.ts';

const MOST_STOPS = 5;
/** `parameters` is required. */
const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };

/** Writes the request. @throws GatewayError GW_CLIENT_UNSUPPORTED for what Cohere cannot be asked, or for any loss if strict. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { logprobs: true });
  if (request.turns.at(-1)?.role === 'assistant' && !target.capabilities.prefill) {
    throw unsupported('messages', 'The provider of this model does not go on with an answer that was begun.');
  }
  const body: JsonObject = { model: target.model, messages: encodeMessages(request, target, losses) };
  const tools = writeTools(request, target, body, losses);
  writeFormat(request, body, target, losses);
  writeThinking(request.reasoning, body, target, losses);
  const cut = writeSampling(request, body, target, losses);
  if (request.user !== null) losses.drop('user');
  if (request.stream) body['stream'] = true;
  const encoded: EncodedRequest = {
    body: JSON.stringify(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const renamed: Record<string, string> = {};
  for (const { name } of tools) if (wireName(name) !== name) renamed[wireName(name)] = name;
  const memory = toolMemory(request.customTools, renamed, request.turns, cut);
  if (memory !== undefined) encoded.tools = memory;
  return encoded;
}

/** @returns the tools that are offered. */
function writeTools(
  request: ChatRequest,
  target: EncodeTarget,
  body: JsonObject,
  losses: Losses,
): readonly ToolDef[] {
  const { toolChoice, parallelToolCalls } = request;
  let { tools } = request;
  if (tools.length === 0) return tools;
  let required = toolChoice?.kind === 'required';
  if (toolChoice?.kind === 'tool' || toolChoice?.kind === 'allowed') {
    // Offering only these asks for the same.
    const names = new Set(toolChoice.kind === 'tool' ? [toolChoice.name] : toolChoice.names);
    losses.adapt('tool_choice');
    tools = tools.filter((tool) => names.has(tool.name));
    required = toolChoice.kind === 'tool' || toolChoice.mode === 'required';
    if (tools.length === 0) throw unsupported('tool_choice', "'tool_choice' names no tool of this request.");
  }
  body['tools'] = tools.map((tool, index) => toolDef(tool, at('tools', index), target, losses));
  writeStrict(tools, body, losses);
  if (required && !target.capabilities.forcedTool) losses.adapt('tool_choice');
  else if (required) body['tool_choice'] = 'REQUIRED';
  else if (toolChoice?.kind === 'none') body['tool_choice'] = 'NONE';
  if (parallelToolCalls === false) losses.drop('parallel_tool_calls');
  return tools;
}

// For all of them or for none.
function writeStrict(tools: readonly ToolDef[], body: JsonObject, losses: Losses): void {
  const strict = tools.filter((tool) => tool.strict === true).length;
  if (strict === tools.length) body['strict_tools'] = true;
  else if (strict > 0) losses.adapt('tools[].strict');
}

function toolDef(tool: ToolDef, path: string, { capabilities }: EncodeTarget, losses: Losses): JsonObject {
  if (tool.cache !== null) losses.drop(at(path, 'cache_control'));
  const fn: JsonObject = { name: wireName(tool.name) };
  if (fn['name'] !== tool.name) losses.adapt(at(path, 'name'));
  if (tool.description !== null) fn['description'] = tool.description;
  const fit = tool.schema === null ? null : fitToolSchema(tool.schema, capabilities.toolSchema);
  if (tool.schema !== null && fit === null) {
    throw unsupported(at(path, 'input_schema'), `The schema of tool '${tool.name}' describes no object.`);
  }
  if (fit?.adapted === true) losses.adapt(at(path, 'input_schema'));
  fn['parameters'] = fit?.schema ?? NO_PARAMETERS;
  return { type: 'function', function: fn };
}

function writeFormat(
  { responseFormat }: ChatRequest,
  body: JsonObject,
  target: EncodeTarget,
  losses: Losses,
): void {
  if (responseFormat === null) return;
  const format: JsonObject = { type: 'json_object' };
  if (responseFormat.kind === 'json_schema') {
    if (target.capabilities.jsonSchema === 'none') losses.adapt('response_format.json_schema');
    else format['json_schema'] = responseFormat.schema;
  }
  body['response_format'] = format;
}

function writeThinking(
  settings: ReasoningSettings | null,
  body: JsonObject,
  { capabilities: { thinking } }: EncodeTarget,
  losses: Losses,
): void {
  if (settings === null) return;
  const { effort, budgetTokens } = settings;
  const off = effort === 'none';
  if (thinking === 'none') {
    // A model that does not think needs no word to stop.
    if (!off) losses.drop('reasoning_effort');
    return;
  }
  if (off) {
    body['thinking'] = { type: 'disabled' };
    return;
  }
  const enabled: JsonObject = { type: 'enabled' };
  if (budgetTokens !== null) enabled['token_budget'] = budgetTokens;
  else if (effort !== null && isEffort(effort)) {
    losses.adapt('reasoning_effort');
    enabled['token_budget'] = budgetOfEffort(effort);
  }
  body['thinking'] = enabled;
}

/** @returns stop sequences that the target does not take. */
function writeSampling(
  request: ChatRequest,
  body: JsonObject,
  target: EncodeTarget,
  losses: Losses,
): string[] {
  const { maxTokens, stop, seed, logprobs } = request;
  const { maxTokensCap, stops, refuses } = target.capabilities;
  if (maxTokens !== null) {
    const over = maxTokensCap !== null && numberOf(maxTokens) > maxTokensCap;
    if (over) losses.adapt('max_tokens');
    body['max_tokens'] = over ? maxTokensCap : maxTokens;
  }
  const { sent, cut } = shareStops(stop, stops ?? MOST_STOPS, 'stop', losses);
  if (sent.length > 0) body['stop_sequences'] = sent;
  const put = (name: string, theirs: string, value: Num | null, max: number): void => {
    if (value === null) return;
    if (refuses.includes(name)) {
      losses.drop(theirs);
      return;
    }
    const number = numberOf(value);
    if (number >= 0 && number <= max) {
      body[name] = value;
      return;
    }
    losses.adapt(theirs);
    body[name] = Math.max(0, Math.min(number, max));
  };
  put('temperature', 'temperature', request.temperature, 1);
  put('p', 'top_p', request.topP, 0.99);
  put('k', 'top_k', request.topK, 500);
  put('frequency_penalty', 'frequency_penalty', request.frequencyPenalty, 1);
  put('presence_penalty', 'presence_penalty', request.presencePenalty, 1);
  if (seed !== null) put('seed', 'seed', seed, Number.MAX_SAFE_INTEGER);
  if (logprobs === undefined || logprobs === null) return cut;
  if (numberOf(logprobs) > 0)
    throw unsupported('top_logprobs', 'This provider tells no alternatives of a token.');
  body['logprobs'] = true;
  return cut;
}
