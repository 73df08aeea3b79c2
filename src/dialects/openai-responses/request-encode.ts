// A neutral request into a Responses request. The order of members is fixed, so that equal requests give equal bytes;
// numbers print as the client wrote them. Nothing is kept at the provider that its client does not ask to keep.
import { createHash } from 'node:crypto';
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest, Num, ReasoningSettings, ResponseFormat } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import type { EncodeScope } from '../encode-scope.ts';
import { schemaInWords } from '../json-in-words.ts';
import { openLosses, unsupported } from '../losses.ts';
import { encodeEffort } from '../openai-chat/effort.ts';
import { fitsStrict } from '../openai-chat/strict-schema.ts';
import { numberOf } from '../read.ts';
import { shareStops } from '../stop-share.ts';
import { toolMemory } from '../tool-memory.ts';
import { encodeInput, instructionsOf } from './input-encode.ts';
import { sayToPerplexity } from './perplexity.ts';
import { encodeTools, renamedTools } from './tools-encode.ts';

const LONGEST_USER = 64;

/** Writes the request. @throws GatewayError GW_CLIENT_UNSUPPORTED for what Responses cannot be asked. */
export function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  const losses = openLosses(request, target, { openai: true, logprobs: true });
  const scope: EncodeScope = { target, losses };
  const body: JsonObject = { model: target.model };
  const instructions = instructionsOf(request, scope);
  if (instructions !== null) body['instructions'] = instructions;
  body['input'] = encodeInput(request, scope);
  // Tools and effort go together here: what refuses them together is Chat.
  const effort = encodeEffort(request.reasoning, target, losses, false);
  encodeSampling(request, effort, body, scope);
  encodeTools(request, body, scope);
  encodeText(request, body, scope);
  if (target.hosted === 'perplexity') sayToPerplexity(body, losses);
  encodeReasoning(request.reasoning, effort, body, scope);
  encodeShared(request, body, scope);
  if (request.stream) body['stream'] = true;
  // Responses have no stop sequences.
  const { cut } = shareStops(request.stop, 0, 'stop_sequences', losses);
  const encoded: EncodedRequest = {
    body: JSON.stringify(body),
    dropped: losses.dropped,
    adapted: losses.adapted,
  };
  const tools = toolMemory(request.customTools, renamedTools(request.tools), request.turns, cut);
  if (tools !== undefined) encoded.tools = tools;
  return encoded;
}

function encodeSampling(
  request: ChatRequest,
  effort: string | null,
  body: JsonObject,
  scope: EncodeScope,
): void {
  const { target, losses } = scope;
  const { sampling, refuses, renames, maxTokensCap } = target.capabilities;
  if (request.maxTokens !== null) {
    const over = maxTokensCap !== null && numberOf(request.maxTokens) > maxTokensCap;
    if (over) losses.adapt('max_tokens');
    body[renames['max_output_tokens'] ?? 'max_output_tokens'] = over ? maxTokensCap : request.maxTokens;
  }
  const free = sampling === 'all' || sampling === 'one' || (sampling === 'unreasoned' && effort === 'none');
  const hot = sampling === 'one' && request.temperature !== null && numberOf(request.temperature) !== 1;
  const put = (name: string, value: Num | null, taken: boolean): void => {
    if (value === null) return;
    if (taken && !refuses.includes(name)) body[renames[name] ?? name] = value;
    else if (numberOf(value) !== 1) losses.drop(name);
  };
  put('temperature', request.temperature, free);
  put('top_p', request.topP, free && !hot);
  if (request.topK !== null) losses.drop('top_k');
  if (request.seed !== null) losses.drop('seed');
  if (request.frequencyPenalty !== null && numberOf(request.frequencyPenalty) !== 0)
    losses.drop('frequency_penalty');
  if (request.presencePenalty !== null && numberOf(request.presencePenalty) !== 0)
    losses.drop('presence_penalty');
}

function encodeText({ responseFormat, openai }: ChatRequest, body: JsonObject, scope: EncodeScope): void {
  const text: JsonObject = {};
  if (responseFormat !== null) text['format'] = textFormat(responseFormat, body, scope);
  const verbosity = openai?.['verbosity'];
  if (verbosity !== undefined) text['verbosity'] = verbosity;
  if (Object.keys(text).length > 0) body['text'] = text;
}

// A client that says nothing of `strict` is one of Messages, where every schema is kept to.
function textFormat(format: ResponseFormat, body: JsonObject, { target, losses }: EncodeScope): JsonObject {
  if (format.kind === 'json_object') return { type: 'json_object' };
  if (target.capabilities.jsonSchema === 'none') {
    losses.adapt('output_config.format');
    const content = schemaInWords(format.schema);
    (body['input'] as JsonObject[]).unshift({ type: 'message', role: 'system', content });
    return { type: 'json_object' };
  }
  const written: JsonObject = { type: 'json_schema', name: format.name, schema: format.schema };
  const strict = format.strict ?? fitsStrict(format.schema);
  if (format.strict === null && !strict) losses.adapt('output_config.format');
  written['strict'] = strict;
  return written;
}

// A client that asks for thinking wants to see some of it. Proofs come with the answer, as nothing is kept there.
function encodeReasoning(
  settings: ReasoningSettings | null,
  effort: string | null,
  body: JsonObject,
  { target }: EncodeScope,
): void {
  const { thinking, refuses } = target.capabilities;
  const include: string[] = [];
  if (thinking === 'effort') include.push('reasoning.encrypted_content');
  const reasoning: JsonObject = {};
  if (effort !== null) reasoning['effort'] = effort;
  const shown = settings !== null && (settings.adaptive || settings.budgetTokens !== null);
  if (shown && thinking !== 'none' && effort !== 'none') reasoning['summary'] = 'auto';
  if (Object.keys(reasoning).length > 0) body['reasoning'] = reasoning;
  if (include.length > 0 && !refuses.includes('include')) body['include'] = include;
}

function encodeShared(request: ChatRequest, body: JsonObject, { target, losses }: EncodeScope): void {
  const { refuses } = target.capabilities;
  if (request.logprobs !== undefined && request.logprobs !== null) {
    if (refuses.includes('top_logprobs')) throw unsupported('logprobs');
    body['include'] = [...((body['include'] as string[] | undefined) ?? []), 'message.output_text.logprobs'];
    if (numberOf(request.logprobs) > 0) body['top_logprobs'] = request.logprobs;
  }
  if (request.user !== null && !refuses.includes('user')) body['user'] = userId(request.user, losses);
  else if (request.user !== null) losses.drop('metadata.user_id');
  const shared: JsonObject = { store: false, ...request.openai };
  delete shared['verbosity'];
  for (const [name, value] of Object.entries(shared)) {
    if (!refuses.includes(name)) body[name] = value;
    else if (name !== 'store' || value === true) losses.drop(name);
  }
}

// OpenAI refuses a longer id: a digest tells users apart as well.
function userId(user: string, losses: EncodeScope['losses']): string {
  if (user.length <= LONGEST_USER) return user;
  losses.adapt('metadata.user_id');
  return createHash('sha256').update(user).digest('hex');
}
