// Cohere v2 chat (wire.md 6).
import type { Dialect } from '../../contracts/dialect.ts';
import { chat } from './chat.ts';
import { embeddings } from './embeddings.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { manner } from './manner.ts';
import { rerank } from './rerank.ts';
import { modelList } from './model-list.ts';

export const cohere = {
  name: 'cohere',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeStreamError },
  modelList,
  chat,
  'token-count': null,
  embeddings,
  rerank,
} as const satisfies Dialect;
