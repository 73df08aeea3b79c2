// The neutral form as a Messages request. Key order is fixed: a provider's prompt cache lives on equal prefixes.

import { stringifyJson } from '../../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { Capabilities } from '../../contracts/capability.ts';
import type { ChatRequest, Num, TextPart } from '../../contracts/chat.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { JSON_IN_WORDS, schemaInWords } from '../json-in-words.ts';
import { type Losses, openLosses } from '../losses.ts';
import { badRequest, numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { toolMemory } from '../tool-memory.ts';
import { withCache } from './blocks-encode.ts';
import { limitCacheMarks } from './cache-marks.ts';
import { closeSchema } from './closed-schema.ts';
import { encodeMessages } from './messages-encode.ts';
import { encodeSampling } from './sampling-encode.ts';
import { planThinking } from './thinking-encode.ts';
import { toolIdRule } from './tool-id-rule.ts';
import { encodeToolChoice, encodeTools } from './tools-encode.ts';

/** For a model that takes no beginning of its answer. */
const GO_ON = 'Go on from exactly where your last message ends, without repeating any of it.';

/** What a user says who has said nothing yet. */
const SPOKE_FIRST = '.';

/** @throws GatewayError GW_CLIENT_UNSUPPORTED where a loss would change what is asked, or for any loss if strict. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { citations: true });

  const { capabilities } = target;
  let system = encodeSystem(request, capabilities, losses);
  let messages = encodeMessages(request.turns, toolIdRule(target), losses);
  if (messages.length === 0) {
    // OpenAI answers to a system prompt alone; Anthropic wants something said.
    if (system.length === 0) throw badRequest('messages', "'messages' holds no text for the model.");
    losses.adapt('messages');
    messages = [{ role: 'user', content: simplest(system) }];
    system = [];
  }
  if (messages[0]?.role === 'assistant') {
    // A greeting of the assistant's, as other vendors take it: here the user speaks first.
    losses.adapt('messages');
    messages.unshift({ role: 'user', content: SPOKE_FIRST });
  }
  if (!capabilities.prefill && messages.at(-1)?.role === 'assistant') {
    // The model does not go on with an answer that was begun for it: it is asked to.
    losses.adapt('messages');
    messages.push({ role: 'user', content: GO_ON });
  }
  const plan = planThinking(request, messages, target, losses);
  const body: JsonObject = { model: target.model, max_tokens: plan.maxTokens };
  if (system.length > 0) body.system = simplest(system);
  body.messages = messages;
  const tools = encodeTools(request, capabilities.toolSchema, losses);
  if (tools.length > 0) body.tools = tools;
  const choice = encodeToolChoice(request, plan.on || !capabilities.forcedTool, losses);
  if (choice !== null) body.tool_choice = choice;
  if (plan.thinking !== null) body.thinking = plan.thinking;
  const output = encodeOutputConfig(request, plan.effort, capabilities, losses);
  if (output !== null) body.output_config = output;
  // Anthropic refuses a stop sequence of white space alone, which OpenAI's clients often send.
  const { sent, cut } = shareStops(request.stop, capabilities.stops ?? Infinity, 'stop', losses, isSaid);
  if (sent.length > 0) body.stop_sequences = sent;
  encodeSampling(body, request, capabilities.sampling, plan.on, losses);
  if (request.seed !== null) losses.drop('seed');
  if (saysSomething(request.frequencyPenalty)) losses.drop('frequency_penalty');
  if (saysSomething(request.presencePenalty)) losses.drop('presence_penalty');
  if (request.user !== null) body.metadata = { user_id: request.user };
  if (request.stream) body.stream = true;
  limitCacheMarks(body, capabilities.cacheMarksMax, losses);
  const encoded: EncodedRequest = {
    body: stringifyJson(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const memory = toolMemory(request.customTools, {}, request.turns, cut);
  if (memory !== undefined) encoded.tools = memory;
  return encoded;
}

const isSaid = (sequence: string): boolean => sequence.trim() !== '';

// A penalty of 0 is none.
function saysSomething(penalty: Num | null): boolean {
  return penalty !== null && numberOf(penalty) !== 0;
}

function encodeSystem(request: ChatRequest, { jsonSchema }: Capabilities, losses: Losses): JsonObject[] {
  const parts: TextPart[] = request.system.filter((part) => part.text.trim() !== '');
  const blocks = parts.map((part) => withCache({ type: 'text', text: part.text }, part.cache, losses));
  const format = request.responseFormat;
  // Asked for in words: `json_object`, which Anthropic has not, and schemas of models from before they could.
  if (format?.kind === 'json_object' || (format !== null && jsonSchema === 'none')) {
    losses.adapt('response_format');
    const text = format.kind === 'json_object' ? JSON_IN_WORDS : schemaInWords(format.schema);
    blocks.push({ type: 'text', text });
  }
  return blocks;
}

// One plain block is written as a string, as people write it.
function simplest(blocks: JsonObject[]): Json {
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only !== undefined && only.cache_control === undefined ? (only.text ?? '') : blocks;
}

function encodeOutputConfig(
  request: ChatRequest,
  effort: string | null,
  { jsonSchema }: Capabilities,
  losses: Losses,
): JsonObject | null {
  const { responseFormat } = request;
  const output: JsonObject = {};
  if (effort !== null) output.effort = effort;
  if (responseFormat?.kind === 'json_schema' && jsonSchema !== 'none') {
    const schema = closeSchema(responseFormat.schema);
    if (schema !== responseFormat.schema) losses.adapt('response_format.json_schema.schema');
    output.format = { type: 'json_schema', schema };
  }
  return Object.keys(output).length === 0 ? null : output;
}
