import type { Operation } from '../contracts/operation.ts';
import { MODEL_FORM } from './forwarded.ts';

/** Sound written down, or translated: a form that is not held whole in, text or events out. */
export const transcription: Operation = {
  name: 'transcription',
  intake: 'form',
  answer: 'bytes',
  repeatable: false,
  ...MODEL_FORM,
};
