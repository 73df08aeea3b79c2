// OpenAI Chat Completions (wire.md 1): the wire format of OpenAI and of most other providers.
import type { Dialect } from '../../contracts/dialect.ts';
import { chat } from './chat.ts';
import { completion } from './completion.ts';
import { decision } from './decision.ts';
import { embeddings } from './embeddings.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { fim } from './fim.ts';
import { image } from './image.ts';
import { manner } from './manner.ts';
import { modelList } from './model-list.ts';
import { moderation } from './moderation.ts';
import { rerank } from './rerank.ts';

export const openaiChat = {
  name: 'openai-chat',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeStreamError },
  modelList,
  chat,
  'token-count': null,
  embeddings,
  rerank,
  moderation,
  completion,
  fim,
  image,
  decision,
} as const satisfies Dialect;
