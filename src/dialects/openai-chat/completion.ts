// POST /v1/completions, what came before chats: as it came to servers that have it, and one prompt as a chat to all others.
import type { ChatRequest } from '../../contracts/chat.ts';
import type { ChatCodec } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { sse } from '../../wire/sse.ts';
import { readBoolean, readInteger, readString, wrongType } from '../read.ts';
import { decodeCompletion, encodeCompletion, readCompletion } from './completion-answer.ts';
import { encodeCompletionRequest } from './completion-request.ts';
import { createDecoder, createEncoder, createWatcher } from './completion-stream.ts';
import { decodeRequest as decodeChat } from './request-decode.ts';
import { splice } from './splice.ts';

/**
 * What a chat is asked in the place of a completion. Of several answers the best cannot be told without the chances of all, what comes
 * behind is no part of a chat, and the prompt that is said again has no chances of its own.
 */
function decodeRequest(body: JsonObject): ChatRequest {
  const { prompt, suffix: _, echo, best_of: bestOf, logprobs, ...rest } = body;
  const lost: string[] = [];
  const behind = readString(body, 'suffix', '') ?? '';
  const text = onlyPrompt(prompt);
  if (Array.isArray(text)) lost.push('prompt');
  else if (typeof text !== 'string') throw wrongType('prompt', 'a string', text);
  if (behind !== '') lost.push('suffix');
  const again = readBoolean(body, 'echo', '') === true;
  if (isAsked(bestOf) && readInteger(body, 'best_of', '') !== (readInteger(body, 'n', '') ?? 1))
    lost.push('best_of');
  if (isAsked(logprobs) && logprobs !== false) {
    if (again) lost.push('logprobs');
    const count = logprobs === true ? 0 : readInteger(body, 'logprobs', '')!; // it is asked
    Object.assign(rest, { logprobs: true, top_logprobs: count });
  }
  const content = typeof text === 'string' ? text : '';
  const request = decodeChat({ ...rest, messages: [{ role: 'user', content }] });
  request.mustNotDrop.push(...lost);
  if (behind !== '') request.suffix = behind;
  return request;
}

/** A list of one is what is in it. */
function onlyPrompt(prompt: Json | undefined): Json | undefined {
  return Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
}

function isAsked(value: Json | undefined): value is Json {
  return value !== undefined && value !== null;
}

export const completion = {
  framing: sse,
  address: () => '/completions',
  splice,
  createWatcher,
  readAnswer: readCompletion,
  remember: ({ echo, prompt }, again = false) => {
    const text = onlyPrompt(prompt);
    return echo === true && !again && typeof text === 'string' ? { echo: text } : {};
  },
  decodeRequest,
  // It stands in for what Mistral has a route of its own for.
  encodeRequest: (request, target) => encodeCompletionRequest(request, target, true),
  decodeAnswer: decodeCompletion,
  encodeAnswer: encodeCompletion,
  createDecoder,
  createEncoder,
} as const satisfies ChatCodec;
