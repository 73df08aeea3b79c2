// POST /v1/messages/count_tokens: the vendor's own counter, asked with the body of a Messages request.
import type { Codec } from '../../contracts/dialect.ts';
import { fit } from './fit.ts';
import { mendHistory } from './history-mend.ts';
import { splice } from './splice.ts';

export const tokenCount = {
  address: () => '/v1/messages/count_tokens',
  splice,
  fit,
  mend: mendHistory,
} as const satisfies Codec;
