import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Work that a provider does when it has time, all of it in the body: begun, told of, listed, cancelled, deleted. */
export const messageBatch: Operation = {
  name: 'message-batch',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
  modelIn: 'requests',
  billed: true,
  chargedByResults: true,
};
