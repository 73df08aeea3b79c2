import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** Files at a provider: kept, told of, listed, deleted. */
export const file: Operation = {
  name: 'file',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...KEPT_OBJECT,
};
