import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Chat completions that were asked for with `store: true`, at the provider that keeps them: listed, read, given other metadata, deleted. */
export const storedChat: Operation = {
  name: 'stored-chat',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
};
