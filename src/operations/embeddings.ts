import type { Operation } from '../contracts/operation.ts';
import { repeatableInParts } from './repeatable-flow.ts';

/** Vectors of texts. */
export const embeddings: Operation = {
  name: 'embeddings',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: repeatableInParts('parts'), // more inputs than one of them takes
};
