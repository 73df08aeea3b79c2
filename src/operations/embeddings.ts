import type { Operation } from '../contracts/operation.ts';

/** Vectors of texts. */
export const embeddings: Operation = {
  name: 'embeddings',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  meters: ['requests', 'tokens'],
  billed: true,
  flow: ['identify', 'plan', 'permit', 'lookup', 'admit', 'dispatch'],
};
