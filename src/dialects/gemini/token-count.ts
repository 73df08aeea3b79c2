// POST …:countTokens: the vendor's own counter, asked with the contents of a request.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt } from '../lenient.ts';
import { mendHistory } from './history-mend.ts';
import { modelPath } from './model-path.ts';
import { splice } from './splice.ts';

export const tokenCount = {
  address: ({ model }) => modelPath(model, 'countTokens'),
  splice,
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'totalTokens'),
  encodeAnswer: (tokens) => JSON.stringify({ totalTokens: tokens }),
} as const satisfies CountCodec;
