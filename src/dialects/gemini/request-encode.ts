// The neutral form as a generateContent request. Key order is fixed, and what grows from turn to turn stands last: equal
// beginnings give equal bytes.
import { stringifyJson } from '../../body/lossless.ts';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, TextPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { schemaInWords } from '../json-in-words.ts';
import { type Losses, openLosses } from '../losses.ts';
import { badRequest, numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { toolMemory } from '../tool-memory.ts';
import { encodeContents } from './contents-encode.ts';
import { encodeThinking } from './thinking-encode.ts';
import { encodeToolConfig, encodeTools, renamedTools } from './tools-encode.ts';

const HOTTEST = 2;

/** @throws GatewayError GW_CLIENT_UNSUPPORTED where a loss would change what is asked, or for any loss if strict. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { logprobs: true, choices: true });
  const scope: EncodeScope = { target, losses };
  const body: JsonObject = {};
  const contents = encodeContents(request.turns, scope);
  let system = encodeSystem(request, scope);
  if (contents.length === 0) {
    // OpenAI answers to a system prompt alone; Gemini wants something said.
    if (system.length === 0) throw badRequest('messages', "'messages' holds no text for the model.");
    losses.adapt('messages');
    contents.push({ role: 'user', parts: system });
    system = [];
  }
  if (system.length > 0) body['systemInstruction'] = { parts: system };
  const tools = encodeTools(request, scope);
  if (tools !== null) body['tools'] = tools;
  const choice = encodeToolConfig(request, scope);
  if (choice !== null) body['toolConfig'] = choice;
  const { sent, cut } = shareStops(request.stop, target.capabilities.stops ?? Infinity, 'stop', losses);
  const config = encodeConfig(request, sent, target, losses);
  if (Object.keys(config).length > 0) body['generationConfig'] = config;
  body['contents'] = contents;
  // Google keeps no end users' ids.
  if (request.user !== null) losses.drop('user');
  const encoded: EncodedRequest = {
    body: stringifyJson(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const memory = toolMemory(request.customTools, renamedTools(request.tools), request.turns, cut);
  if (memory !== undefined) encoded.tools = memory;
  return encoded;
}

function encodeSystem(
  { system, responseFormat }: ChatRequest,
  { target, losses }: EncodeScope,
): JsonObject[] {
  const parts: JsonObject[] = [];
  for (const { text, cache } of system as readonly TextPart[]) {
    if (cache !== null) losses.drop('messages[].content[].cache_control');
    if (text !== '') parts.push({ text });
  }
  if (responseFormat?.kind === 'json_schema' && target.capabilities.jsonSchema === 'none') {
    losses.adapt('response_format');
    parts.push({ text: schemaInWords(responseFormat.schema) });
  }
  return parts;
}

/** @param stop sequences that the target takes. */
function encodeConfig(
  request: ChatRequest,
  stop: readonly string[],
  target: EncodeTarget,
  losses: Losses,
): JsonObject {
  const { capabilities } = target;
  const config: JsonObject = {};
  const { temperature, maxTokens, responseFormat, logprobs } = request;
  if (temperature !== null) {
    const hot = numberOf(temperature) > HOTTEST;
    if (hot) losses.adapt('temperature');
    config['temperature'] = hot ? HOTTEST : temperature;
  }
  if (request.topP !== null) config['topP'] = request.topP;
  if (request.topK !== null) config['topK'] = request.topK;
  const limit = maxTokens ?? capabilities.maxTokensDefault;
  const cap = capabilities.maxTokensCap;
  if (limit !== null) {
    const over = cap !== null && numberOf(limit) > cap;
    if (over) losses.adapt('max_tokens');
    config['maxOutputTokens'] = over ? cap : limit;
  }
  if (stop.length > 0) config['stopSequences'] = [...stop];
  if (request.presencePenalty !== null) config['presencePenalty'] = request.presencePenalty;
  if (request.frequencyPenalty !== null) config['frequencyPenalty'] = request.frequencyPenalty;
  if (request.seed !== null) config['seed'] = request.seed;
  if (request.choices !== undefined) config['candidateCount'] = request.choices.count;
  if (logprobs != null) {
    config['responseLogprobs'] = true;
    if (numberOf(logprobs) > 0) config['logprobs'] = logprobs;
  }
  if (responseFormat !== null) {
    config['responseMimeType'] = 'application/json';
    if (responseFormat.kind === 'json_schema' && capabilities.jsonSchema !== 'none') {
      config['responseJsonSchema'] = responseFormat.schema;
    }
  }
  const thinking = encodeThinking(request.reasoning, target, losses);
  if (thinking !== null) config['thinkingConfig'] = thinking;
  return config;
}
