// POST /model/{id}/count-tokens: the vendor's own counter, asked with a Converse request or the body of an invocation.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { splice } from './splice.ts';

export const tokenCount = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/count-tokens`,
  splice,
  readAnswer: (body) => numberAt(body, 'inputTokens'),
  encodeAnswer: (tokens) => JSON.stringify({ inputTokens: tokens }),
} as const satisfies CountCodec;
