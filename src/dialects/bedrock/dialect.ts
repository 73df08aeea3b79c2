// Bedrock Converse, as client and as upstream: the one thing the rest of the gateway knows of this folder.
import type { Dialect } from '../../contracts/dialect.ts';
import { chat } from './chat.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { manner } from './manner.ts';
import { tokenCount } from './token-count.ts';

export const bedrock = {
  name: 'bedrock',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeStreamError },
  // Models are listed at another host, with rights of its own.
  modelList: null,
  chat,
  'token-count': tokenCount,
} as const satisfies Dialect;
