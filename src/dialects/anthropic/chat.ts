// A turn of a conversation: request, answer and stream, read and written.
import type { ChatCodec } from '../../contracts/dialect.ts';
import { sse } from '../../wire/sse.ts';
import { appendTurns, plainTurn } from '../carry-on.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { fit } from './fit.ts';
import { mend } from './mend.ts';
import { address, encodeRequest, reshape, splice } from './hosted.ts';
import { decodeRequest } from './request-decode.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

export const chat = {
  framing: sse,
  reshape,
  address,
  splice,
  fit,
  mend,
  createWatcher,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  carryOn: (...given) => appendTurns('messages', plainTurn, ...given),
  openings: ['content_block_start'],
} as const satisfies ChatCodec;
