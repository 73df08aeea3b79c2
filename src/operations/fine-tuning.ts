import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Models of one’s own, made of files at a provider: begun, told of, paused, ended. */
export const fineTuning: Operation = {
  name: 'fine-tuning',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
  // Which model is trained stands in its body, which is handed on while it comes.
  modelIn: 'model',
  billed: true,
};
