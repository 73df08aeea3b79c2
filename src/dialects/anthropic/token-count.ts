// POST /v1/messages/count_tokens: the vendor's own counter, asked with the body of a Messages request.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { splice } from '../splice-model.ts';
import { Fitting } from '../fitting.ts';
import { fitMessages } from './fit.ts';
import { mendHistory } from './history-mend.ts';
import { countAddress } from './hosted.ts';

export const tokenCount = {
  address: countAddress,
  splice,
  // It names the model wherever it is hosted.
  fit: (body, facts, target) => fitMessages(new Fitting(body, facts, target)),
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'input_tokens'),
  encodeAnswer: (tokens) => JSON.stringify({ input_tokens: tokens }),
} as const satisfies CountCodec;
