import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** What is in a file at a provider. */
export const fileContent: Operation = {
  name: 'file-content',
  intake: 'none',
  answer: 'bytes',
  repeatable: true,
  ...KEPT_OBJECT,
};
