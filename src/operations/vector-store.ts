import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Vector stores at a provider, the files in them and searches over those. */
export const vectorStore: Operation = {
  name: 'vector-store',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
