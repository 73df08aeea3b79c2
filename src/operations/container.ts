import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Containers in which a provider runs code, and the files in them. What such a file holds is `file-content`. */
export const container: Operation = {
  name: 'container',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
