import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Voices of one’s own at a provider, and the consents they are made with. */
export const voice: Operation = {
  name: 'voice',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
