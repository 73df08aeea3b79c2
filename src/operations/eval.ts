import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Evaluations at a provider and their runs, which ask models. */
export const evaluation: Operation = {
  name: 'eval',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
  modelIn: 'data_source',
  billed: true,
};
