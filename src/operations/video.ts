import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Films, made while nobody waits: begun, told of, listed, made anew, deleted. */
export const video: Operation = {
  name: 'video',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
  modelIn: 'model',
  billed: true,
};
