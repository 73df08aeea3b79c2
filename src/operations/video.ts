import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** Films, made while nobody waits: begun, told of, listed, made anew, deleted. */
export const video: Operation = {
  name: 'video',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...KEPT_OBJECT,
  modelIn: 'model',
  billed: true,
};
