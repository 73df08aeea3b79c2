// Anthropic Messages, as client and as upstream: the one thing the rest of the gateway knows of this folder.
import type { Dialect } from '../../contracts/dialect.ts';
import { decodeAnswer, encodeAnswer, readAnswer } from './answer.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { decodeRequest } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { splice } from './splice.ts';
import { createDecoder } from './stream-decode.ts';
import { createEncoder } from './stream-encode.ts';
import { createWatcher } from './stream-watch.ts';

export const anthropic = {
  name: 'anthropic',
  chatPath: '/v1/messages',
  splice,
  createWatcher,
  readAnswer,
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  createDecoder,
  createEncoder,
  decodeError,
  encodeError,
  encodeStreamError,
} as const satisfies Dialect;
