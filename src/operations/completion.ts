import type { Operation } from '../contracts/operation.ts';
import { repeatableFlow } from './repeatable-flow.ts';

/** A text that goes on from where a prompt ends: what came before chats. */
export const completion: Operation = {
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
  flow: repeatableFlow,
};
