// Claude's Messages on Bedrock's invoke routes, as client and as upstream: the one thing the rest of the gateway knows of
// this folder.
import type { Dialect } from '../../contracts/dialect.ts';
import { encodeError, encodeInvokedError } from '../bedrock/errors.ts';
import { chat } from './chat.ts';
import { embeddings } from './embeddings.ts';
import { decodeError } from './faults.ts';
import { manner } from './manner.ts';
import { rerank } from './rerank.ts';

export const bedrockInvoke = {
  name: 'bedrock-invoke',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeInvokedError },
  modelList: null,
  chat,
  'token-count': null,
  embeddings,
  rerank,
} as const satisfies Dialect;
