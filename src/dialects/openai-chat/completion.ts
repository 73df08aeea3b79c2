// POST /v1/completions, what came before chats: as it came to servers that have it, and one prompt as a chat to all others.
import type { ChatRequest } from '../../contracts/chat.ts';
import type { ChatCodec } from '../../contracts/dialect.ts';
import type { Json, JsonObject } from '../../contracts/json.ts';
import { sse } from '../../wire/sse.ts';
import { unsupported } from '../losses.ts';
import { wrongType } from '../read.ts';
import { decodeCompletion, encodeCompletion, readCompletion } from './completion-answer.ts';
import { createDecoder, createEncoder, createWatcher } from './completion-stream.ts';
import { decodeRequest as decodeChat } from './request-decode.ts';
import { splice } from './splice.ts';

/** What a chat cannot do: to go on in the middle of a text, or to say it again. */
const ONLY_HERE: readonly (readonly [name: string, idle: readonly Json[]])[] = [
  ['suffix', ['']],
  ['echo', [false]],
  ['best_of', [1]],
  ['n', [1]],
  ['logprobs', []],
];

function decodeRequest(body: JsonObject): ChatRequest {
  const { prompt, ...rest } = body;
  const text = Array.isArray(prompt) && prompt.length === 1 ? prompt[0] : prompt;
  const lost = ONLY_HERE.filter(([name, idle]) => {
    const value = rest[name] ?? null;
    delete rest[name];
    return value !== null && !idle.includes(value);
  }).map(([name]) => name);
  if (Array.isArray(text)) lost.unshift('prompt');
  else if (typeof text !== 'string') throw wrongType('prompt', 'a string', text);
  const content = typeof text === 'string' ? text : '';
  const request = decodeChat({ ...rest, messages: [{ role: 'user', content }] });
  request.mustNotDrop.push(...lost);
  return request;
}

export const completion = {
  framing: sse,
  address: () => '/completions',
  splice,
  createWatcher,
  readAnswer: readCompletion,
  decodeRequest,
  // Nobody stands in for it: it is only asked for by its own clients, whose bytes go through.
  encodeRequest: () => {
    throw unsupported('model');
  },
  decodeAnswer: decodeCompletion,
  encodeAnswer: encodeCompletion,
  createDecoder,
  createEncoder,
} as const satisfies ChatCodec;
