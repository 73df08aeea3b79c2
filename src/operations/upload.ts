import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Files that are put up in parts: begun, a part at a time, and completed, which makes the file. */
export const upload: Operation = {
  name: 'upload',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
