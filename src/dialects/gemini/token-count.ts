// POST …:countTokens: the vendor's own counter, asked with the contents of a request.
import type { CountCodec } from '../../contracts/dialect.ts';
import { numberAt, objectAt } from '../lenient.ts';
import { mendHistory } from './history-mend.ts';
import { modelPath, resourceName } from './model-path.ts';
import { splice } from './splice.ts';

export const tokenCount = {
  address: ({ model }) => modelPath(model, 'countTokens'),
  splice,
  mend: mendHistory,
  readAnswer: (body) => numberAt(body, 'totalTokens'),
  chatIn: (body) =>
    objectAt(body, 'generateContentRequest') ?? objectAt(body, 'generate_content_request') ?? body,
  // Google AI Studio takes more than contents in this member alone, and wants the model named in it; Vertex has no such member.
  asksFor: (chat, { model, provider }) =>
    provider === 'vertex' ? chat : { generateContentRequest: { model: resourceName(model), ...chat } },
  encodeAnswer: (tokens) => JSON.stringify({ totalTokens: tokens }),
} as const satisfies CountCodec;
