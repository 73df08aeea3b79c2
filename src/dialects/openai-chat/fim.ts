// POST /v1/fim/completions of Mistral's: the text between a prompt and a suffix, asked for as a completion is and answered as a chat is.
import type { EncodedRequest, EncodeTarget } from '../../contracts/body.ts';
import type { ChatRequest } from '../../contracts/chat.ts';
import type { ChatCodec } from '../../contracts/dialect.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { chat } from './chat.ts';
import { completion } from './completion.ts';
import { encodeCompletionRequest } from './completion-request.ts';

/** What its clients name otherwise than those of completions. */
function decodeRequest({ random_seed: seed, ...body }: JsonObject): ChatRequest {
  return completion.decodeRequest(seed === undefined ? body : { ...body, seed });
}

function encodeRequest(request: ChatRequest, target: EncodeTarget): EncodedRequest {
  return encodeCompletionRequest(request, target, false);
}

export const fim = {
  framing: chat.framing,
  address: () => '/fim/completions',
  splice: chat.splice,
  createWatcher: chat.createWatcher,
  readAnswer: chat.readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer: chat.decodeAnswer,
  encodeAnswer: chat.encodeAnswer,
  createDecoder: chat.createDecoder,
  createEncoder: chat.createEncoder,
} as const satisfies ChatCodec;
