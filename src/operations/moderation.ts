import type { Operation } from '../contracts/operation.ts';

/** Whether what is said breaks a vendor's rules. */
export const moderation: Operation = {
  name: 'moderation',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  defaultModel: 'omni-moderation-latest',
  meters: ['requests', 'tokens'],
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
