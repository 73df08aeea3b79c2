// The neutral form as a Converse request. Key order is fixed: a provider's prompt cache lives on equal prefixes.
import { stringifyJson } from '../../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { Capabilities } from '../../contracts/capability.ts';
import type { ChatRequest, Num } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { closeSchema } from '../anthropic/closed-schema.ts';
import { toolIdRule } from '../anthropic/tool-id-rule.ts';
import { JSON_IN_WORDS, schemaInWords } from '../json-in-words.ts';
import { type Losses, openLosses } from '../losses.ts';
import { badRequest, numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { toolMemory } from '../tool-memory.ts';
import { pairToolCalls } from '../tool-pairs.ts';
import { BlockWriter } from './blocks-encode.ts';
import { limitCachePoints } from './cache-points.ts';
import { encodeMessages } from './messages-encode.ts';
import { planReasoning } from './reasoning-encode.ts';
import { encodeSampling } from './sampling-encode.ts';
import { WireNames } from './tool-names.ts';
import { planTools } from './tools-encode.ts';

/** What a user says who has said nothing yet. */
const SPOKE_FIRST = '.';

/** @throws GatewayError GW_CLIENT_UNSUPPORTED where a loss would change what is asked, or for any loss if strict. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { citations: true });

  const { capabilities } = target;
  const claude = target.maker === 'anthropic';
  const names = new WireNames();
  const writer = new BlockWriter(capabilities, names, losses);
  let system = encodeSystem(request, capabilities, writer, losses);
  const turns = pairToolCalls(request.turns, toolIdRule(target), () =>
    losses.adapt('messages[].tool_call_id'),
  );
  let messages = encodeMessages(turns, writer, capabilities, losses);
  if (messages.length === 0) {
    // OpenAI answers to a system prompt alone; Bedrock wants something said.
    if (system.length === 0) throw badRequest('messages', "'messages' holds no text for the model.");
    losses.adapt('messages');
    messages = [{ role: 'user', content: system }];
    system = [];
  }
  if (messages[0]?.['role'] === 'assistant') {
    // A greeting of the assistant's, as other vendors take it: here the user speaks first.
    losses.adapt('messages');
    messages = [{ role: 'user', content: [{ text: SPOKE_FIRST }] }, ...messages];
  }
  const reasoning = planReasoning(request, messages, target, losses);
  const free = reasoning.on || !capabilities.forcedTool;
  const tools = planTools(request, capabilities, writer, names, free, claude, losses);
  const fields: JsonObject = { ...reasoning.fields };
  const inference: JsonObject = {};
  if (reasoning.maxTokens !== null) inference['maxTokens'] = reasoning.maxTokens;
  encodeSampling(inference, fields, request, target, reasoning.on, losses);
  // A stop sequence of white space alone, which OpenAI's clients often send, is refused.
  const { sent, cut } = shareStops(request.stop, capabilities.stops ?? Infinity, 'stop', losses, isSaid);
  if (sent.length > 0) inference['stopSequences'] = sent;
  if (request.seed !== null) losses.drop('seed');
  if (saysSomething(request.frequencyPenalty)) losses.drop('frequency_penalty');
  if (saysSomething(request.presencePenalty)) losses.drop('presence_penalty');
  if (request.user !== null) losses.drop('user');
  if (tools.modelChoice !== null) fields['tool_choice'] = tools.modelChoice;

  const body: JsonObject = { messages };
  if (system.length > 0) body['system'] = system;
  if (Object.keys(inference).length > 0) body['inferenceConfig'] = inference;
  if (tools.config !== null) body['toolConfig'] = tools.config;
  const output = encodeOutputConfig(request, reasoning.effort, capabilities, losses);
  if (output !== null) body['outputConfig'] = output;
  if (Object.keys(fields).length > 0) body['additionalModelRequestFields'] = fields;
  limitCachePoints(body, capabilities.cacheMarksMax, losses);
  const encoded: EncodedRequest = {
    body: stringifyJson(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const memory = toolMemory(request.customTools, names.renamed, request.turns, cut);
  if (memory !== undefined) encoded.tools = memory;
  return encoded;
}

const isSaid = (sequence: string): boolean => sequence.trim() !== '';

// A penalty of 0 is none.
function saysSomething(penalty: Num | null): boolean {
  return penalty !== null && numberOf(penalty) !== 0;
}

function encodeSystem(
  request: ChatRequest,
  { jsonSchema }: Capabilities,
  writer: BlockWriter,
  losses: Losses,
): JsonObject[] {
  const blocks: JsonObject[] = [];
  for (const part of request.system) {
    if (part.text.trim() === '') continue;
    blocks.push({ text: part.text });
    writer.mark(blocks, part.cache);
  }
  const format = request.responseFormat;
  // Asked for in words: `json_object`, which Bedrock has not, and schemas of models from before they could.
  if (format?.kind === 'json_object' || (format !== null && jsonSchema === 'none')) {
    losses.adapt('response_format');
    blocks.push({ text: format.kind === 'json_object' ? JSON_IN_WORDS : schemaInWords(format.schema) });
  }
  return blocks;
}

function encodeOutputConfig(
  { responseFormat }: ChatRequest,
  effort: string | null,
  { jsonSchema }: Capabilities,
  losses: Losses,
): JsonObject | null {
  const output: JsonObject = {};
  if (responseFormat?.kind === 'json_schema' && jsonSchema !== 'none') {
    const { name, schema } = responseFormat;
    const closed = jsonSchema === 'closed' ? closeSchema(schema) : schema;
    if (closed !== schema) losses.adapt('response_format.json_schema.schema');
    // The schema travels as a text.
    const structure = { jsonSchema: { schema: stringifyJson(closed), name } };
    output['textFormat'] = { type: 'json_schema', structure };
  }
  if (effort !== null) output['effort'] = effort;
  return Object.keys(output).length === 0 ? null : output;
}
