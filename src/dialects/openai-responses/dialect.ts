// OpenAI Responses (wire.md 2): what Codex, the Agents SDK and the AI SDK speak.
import type { Dialect } from '../../contracts/dialect.ts';
import { modelList } from '../openai-chat/model-list.ts';
import { chat } from './chat.ts';
import { encodeError, encodeStreamError } from './errors.ts';
import { decodeError } from './faults.ts';
import { manner } from './manner.ts';
import { tokenCount } from './token-count.ts';

export const openaiResponses = {
  name: 'openai-responses',
  manner,
  errors: { decode: decodeError, encode: encodeError, encodeStream: encodeStreamError },
  modelList,
  chat,
  'token-count': tokenCount,
} as const satisfies Dialect;
