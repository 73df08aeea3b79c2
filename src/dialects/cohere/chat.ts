// A turn of a conversation: request, answer and stream, read and written.
import type { ChatCodec } from '../../contracts/dialect.ts';
import { sse } from '../../wire/sse.ts';
import { splice } from '../splice-model.ts';
import { mendToolIds } from '../tool-id-mend.ts';
import { appendTurns, plainTurn } from '../carry-on.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

export const chat = {
  framing: sse,
  address: () => '/v2/chat',
  splice,
  mend: mendToolIds,
  createWatcher,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn: (...given) => appendTurns('messages', plainTurn, ...given),
  openings: ['content-start'],
} as const satisfies ChatCodec;
