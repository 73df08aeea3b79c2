import type { Operation } from '../contracts/operation.ts';
import { MODEL_JSON } from './forwarded.ts';

/** A film that is begun, and made while nobody waits. */
export const video: Operation = {
  name: 'video',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  begins: true,
  ...MODEL_JSON,
  raw: { ...MODEL_JSON.raw!, objects: true },
  // By the second that its answer says; of tokens nobody tells.
  meters: ['requests'],
  usualSeconds: 4,
  films: true,
};
