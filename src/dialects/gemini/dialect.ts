// Gemini generateContent (wire.md 4): as client and as upstream.
import type { Dialect } from '../../contracts/dialect.ts';
import { chat } from './chat.ts';
import { embeddings } from './embeddings.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { manner } from './manner.ts';
import { modelList } from './model-list.ts';
import { tokenCount } from './token-count.ts';

export const gemini = {
  name: 'gemini',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeStreamError },
  modelList,
  chat,
  'token-count': tokenCount,
  embeddings,
} as const satisfies Dialect;
