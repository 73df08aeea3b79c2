import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** What became of a batch, a line each. */
export const batchResults: Operation = {
  name: 'batch-results',
  intake: 'none',
  answer: 'bytes',
  repeatable: true,
  ...KEPT_OBJECT,
};
