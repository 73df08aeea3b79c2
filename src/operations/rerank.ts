import type { Operation } from '../contracts/operation.ts';

/** Documents in the order in which they answer a query. */
export const rerank: Operation = {
  name: 'rerank',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  meters: ['requests', 'tokens', 'searches'],
  billed: true,
  flow: [
    'identify',
    'plan',
    'permit',
    'idempotency',
    'coalesce',
    'guardrails',
    'lookup',
    'admit',
    'dispatch',
  ],
};
