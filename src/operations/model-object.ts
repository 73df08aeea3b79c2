import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** A model of one's own at a provider (fine-tuned), taken away. Whose it is only the provider knows: among several callers there is none. */
export const modelObject: Operation = {
  name: 'model-object',
  intake: 'none',
  answer: 'json',
  repeatable: false,
  ...KEPT_OBJECT,
};
