import type { Operation } from '../contracts/operation.ts';
import { MODEL_JSON } from './forwarded.ts';

/** Texts sorted into classes by examples (Cohere). */
export const classify: Operation = {
  name: 'classify',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  ...MODEL_JSON,
  meters: ['requests', 'tokens', 'searches'],
};
