import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Films that there are: told of, listed, made anew or longer, deleted; and who plays in them. */
export const videoObject: Operation = {
  name: 'video-object',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  begins: true,
  ...NAMES_FILES,
  modelIn: 'model',
  billed: true,
  films: true,
};
