import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Files at a provider: kept, told of, listed, deleted. */
export const file: Operation = {
  name: 'file',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  // The lines of a file may be requests of a batch.
  ...NAMES_FILES,
};
