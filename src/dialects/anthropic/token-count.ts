// POST /v1/messages/count_tokens: the vendor's own counter, asked with the body of a Messages request.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { splice } from '../splice-model.ts';
import { fit } from './fit.ts';
import { mendHistory } from './history-mend.ts';

export const tokenCount = {
  address: () => '/v1/messages/count_tokens',
  splice,
  fit,
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'input_tokens'),
  encodeAnswer: (tokens) => JSON.stringify({ input_tokens: tokens }),
} as const satisfies CountCodec;
