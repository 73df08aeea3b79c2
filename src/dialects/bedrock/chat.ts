// A turn of a conversation: request, answer and stream, read and written.
import type { ChatCodec } from '../../contracts/dialect.ts';
import { eventStream } from '../../wire/event-stream.ts';
import { appendTurns, type WriteTurn } from '../carry-on.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { fit } from './fit.ts';
import { mendHistory } from './history-mend.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { splice } from './splice.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

const turn: WriteTurn = (role, text) => JSON.stringify({ role, content: [{ text }] });

export const chat = {
  framing: eventStream,
  address: ({ model }, stream) =>
    `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
  splice,
  fit,
  mend: mendHistory,
  createWatcher,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn: (...given) => appendTurns('messages', turn, ...given),
  openings: [],
} as const satisfies ChatCodec;
