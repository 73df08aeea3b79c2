// A turn of a conversation as Claude's Messages on Bedrock's invoke routes.
import type { ChatCodec } from '../../contracts/dialect.ts';
import { eventStreamChunks } from '../../wire/event-stream-chunks.ts';
import { decodeAnswer, encodeAnswer, readAnswer as readMessage } from '../anthropic/answer.ts';
import { mendHistory } from '../anthropic/history-mend.ts';
import { splice } from '../bedrock/splice.ts';
import { appendTurns, plainTurn } from '../carry-on.ts';
import { decodeRequest, encodeRequest, fit } from './request.ts';
import { createDecoder, createEncoder, createWatcher } from './stream.ts';

export const chat = {
  framing: eventStreamChunks,
  address: ({ model }, stream) =>
    `/model/${encodeURIComponent(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
  splice,
  fit,
  // Nobody else speaks Messages there; the name of a profile need not say so.
  mend: (body, facts, target) => mendHistory(body, facts, target, true),
  createWatcher,
  // Other makers' models answer in formats of their own, which nobody reads here.
  readAnswer: (body) =>
    body.type === undefined ? { usage: null, stop: null, model: null, id: null } : readMessage(body),
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn: (...given) => appendTurns('messages', plainTurn, ...given),
  openings: ['content_block_start'],
} as const satisfies ChatCodec;
