import type { Operation } from '../contracts/operation.ts';
import { repeatableFlow } from './repeatable-flow.ts';

/** Whether what is said breaks a vendor's rules. */
export const moderation: Operation = {
  name: 'moderation',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  modelIn: 'model',
  defaultModel: 'omni-moderation-latest',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: repeatableFlow,
};
