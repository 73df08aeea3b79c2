import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Skills at a provider, and their versions: files that models are given to work with. */
export const skill: Operation = {
  name: 'skill',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
