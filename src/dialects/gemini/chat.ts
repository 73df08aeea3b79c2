// A turn of a conversation: request, answer and stream, read and written.
import type { ChatCodec } from '../../contracts/dialect.ts';
import { jsonList } from '../../wire/json-list.ts';
import { sse } from '../../wire/sse.ts';
import { appendTurns, type WriteTurn } from '../carry-on.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { mendHistory } from './history-mend.ts';
import { modelPath } from './model-path.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { splice } from './splice.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

const ALT_SSE = /(^|&)(\$|%24)?alt=sse(&|$)/i;

const turn: WriteTurn = (role, text) =>
  JSON.stringify({ role: role === 'user' ? role : 'model', parts: [{ text }] });

export const chat = {
  framing: sse,
  framingFor: (query) => (ALT_SSE.test(query) ? sse : jsonList),
  address: ({ model }, stream) =>
    modelPath(model, stream ? 'streamGenerateContent?alt=sse' : 'generateContent'),
  splice,
  mend: mendHistory,
  createWatcher,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn: (...given) => appendTurns('contents', turn, ...given),
  openings: [],
} as const satisfies ChatCodec;
