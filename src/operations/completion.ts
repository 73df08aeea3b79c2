import type { Operation } from '../contracts/operation.ts';
import { repeatableInParts } from './repeatable-flow.ts';

const plain: Operation = {
  name: 'completion',
  intake: 'json',
  answer: 'deltas',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: 'chat',
  modelIn: 'model',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: repeatableInParts('prompts'), // more answers than a chat in its place gives
};

/** A text that goes on from where a prompt ends: what came before chats. */
export const completion: Operation = {
  ...plain,
  infill: { ...plain, standIn: null, fills: true, plannedAs: 'completion with a suffix' },
};
