// The neutral form as a Messages request. Key order is fixed: a provider's prompt cache lives on equal prefixes.

import { stringifyJson } from '../../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { Losses, unsupported } from '../losses.ts';
import { badRequest, numberOf } from '../read.ts';
import { toolMemory } from '../tool-memory.ts';
import { withCache } from './blocks-encode.ts';
import { closeSchema } from './closed-schema.ts';
import { encodeMessages } from './messages-encode.ts';
import { planThinking } from './thinking-encode.ts';
import { encodeToolChoice, encodeTools } from './tools-encode.ts';

/** For `json_object`, which Anthropic has not: asked for in words. */
const JSON_MODE = 'Answer with one valid JSON object and nothing else: no prose, no code fence.';

/** @throws GatewayError GW_CLIENT_UNSUPPORTED where a loss would change what is asked, or for any loss if strict. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const [lost] = request.mustNotDrop;
  if (lost !== undefined) throw unsupported(lost);
  const losses = new Losses(target.strict);
  for (const path of request.dropped) losses.drop(path);
  for (const path of request.adapted ?? []) losses.adapt(path);

  let system = encodeSystem(request, losses);
  let messages = encodeMessages(request.turns, losses);
  if (messages.length === 0) {
    // OpenAI answers to a system prompt alone; Anthropic wants something said.
    if (system.length === 0) throw badRequest('messages', "'messages' holds no text for the model.");
    losses.adapt('messages');
    messages = [{ role: 'user', content: simplest(system) }];
    system = [];
  }
  const plan = planThinking(request, messages, target, losses);
  const body: JsonObject = { model: target.model, max_tokens: plan.maxTokens };
  if (system.length > 0) body.system = simplest(system);
  body.messages = messages;
  const tools = encodeTools(request, losses);
  if (tools.length > 0) body.tools = tools;
  const choice = encodeToolChoice(request, plan.on, losses);
  if (choice !== null) body.tool_choice = choice;
  if (plan.thinking !== null) body.thinking = plan.thinking;
  const output = encodeOutputConfig(request, plan.effort, losses);
  if (output !== null) body.output_config = output;
  // Anthropic refuses a stop sequence of white space alone, which OpenAI's clients often send.
  const stop = request.stop.filter((sequence) => sequence.trim() !== '');
  if (stop.length < request.stop.length) losses.drop('stop');
  if (stop.length > 0) body.stop_sequences = stop;
  addSampling(body, request, target.capabilities.sampling !== 'none', plan.on, losses);
  if (request.seed !== null) losses.drop('seed');
  if (request.frequencyPenalty !== null) losses.drop('frequency_penalty');
  if (request.presencePenalty !== null) losses.drop('presence_penalty');
  if (request.user !== null) body.metadata = { user_id: request.user };
  if (request.stream) body.stream = true;
  const encoded: EncodedRequest = {
    body: stringifyJson(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const memory = toolMemory(request.customTools);
  if (memory !== undefined) encoded.tools = memory;
  return encoded;
}

function encodeSystem(request: ChatRequest, losses: Losses): JsonObject[] {
  const parts: TextPart[] = request.system.filter((part) => part.text.trim() !== '');
  const blocks = parts.map((part) => withCache({ type: 'text', text: part.text }, part.cache, losses));
  if (request.responseFormat?.kind === 'json_object') {
    losses.adapt('response_format');
    blocks.push({ type: 'text', text: JSON_MODE });
  }
  return blocks;
}

// One plain block is written as a string, as people write it.
function simplest(blocks: JsonObject[]): Json {
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only !== undefined && only.cache_control === undefined ? (only.text ?? '') : blocks;
}

function encodeOutputConfig(request: ChatRequest, effort: string | null, losses: Losses): JsonObject | null {
  const { responseFormat } = request;
  const output: JsonObject = {};
  if (effort !== null) output.effort = effort;
  if (responseFormat?.kind === 'json_schema') {
    const schema = closeSchema(responseFormat.schema);
    if (schema !== responseFormat.schema) losses.adapt('response_format.json_schema.schema');
    output.format = { type: 'json_schema', schema };
  }
  return Object.keys(output).length === 0 ? null : output;
}

// A thinking model takes temperature 1 or none, top_p from 0.95 on, and no top_k.
function addSampling(
  body: JsonObject,
  request: ChatRequest,
  sampling: boolean,
  thinking: boolean,
  losses: Losses,
): void {
  const { temperature, topP, topK } = request;
  const put = (key: string, value: Num | null, taken: boolean): void => {
    if (value === null) return;
    if (sampling && (taken || !thinking)) body[key] = value;
    else losses.drop(key);
  };
  const hot = temperature !== null && numberOf(temperature) > 1;
  if (hot && sampling && !thinking) losses.adapt('temperature');
  put('temperature', hot ? 1 : temperature, temperature !== null && numberOf(temperature) === 1);
  put('top_p', topP, topP !== null && numberOf(topP) >= 0.95);
  put('top_k', topK, false);
}
