// POST /v1/responses/input_tokens: how many tokens a request's prompt has.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { splice } from '../splice-model.ts';
import { fit } from './fit.ts';
import { mendHistory } from './history-mend.ts';

export const tokenCount = {
  address: () => '/responses/input_tokens',
  splice,
  fit,
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'input_tokens'),
  encodeAnswer: (tokens) => JSON.stringify({ object: 'response.input_tokens', input_tokens: tokens }),
} as const satisfies CountCodec;
