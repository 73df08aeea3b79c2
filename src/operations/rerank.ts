import type { Operation } from '../contracts/operation.ts';
import { repeatableFlow } from './repeatable-flow.ts';

/** Documents in the order in which they answer a query. */
export const rerank: Operation = {
  name: 'rerank',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens', 'searches'],
  billed: true,
  flow: repeatableFlow,
};
