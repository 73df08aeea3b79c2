// POST /model/{id}/count-tokens: the vendor's own counter, asked with a Converse request or the body of an invocation.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt, objectAt } from '../lenient.ts';
import { unsupported } from '../losses.ts';
import { splice } from './splice.ts';

export const tokenCount = {
  address: ({ model }) => `/model/${encodeURIComponent(model)}/count-tokens`,
  splice,
  readAnswer: (body) => numberAt(body, 'inputTokens'),
  chatIn: (body) => {
    const converse = objectAt(objectAt(body, 'input') ?? {}, 'converse');
    if (converse === null) throw unsupported('input.invokeModel');
    return converse;
  },
  encodeAnswer: (tokens) => JSON.stringify({ inputTokens: tokens }),
} as const satisfies CountCodec;
