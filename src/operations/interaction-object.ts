import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Interactions that a provider keeps: read, streamed from where a client was, cancelled, deleted. */
export const interactionObject: Operation = {
  name: 'interaction-object',
  intake: 'stream',
  answer: 'bytes',
  repeatable: false,
  ...NAMES_FILES,
};
