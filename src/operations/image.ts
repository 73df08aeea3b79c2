import type { Operation } from '../contracts/operation.ts';

/** Pictures made from words. */
export const image: Operation = {
  name: 'image',
  intake: 'json',
  answer: 'events',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  modelIn: 'model',
  defaultModel: 'gpt-image-1',
  meters: ['requests', 'tokens', 'images'],
  billed: true,
  flow: [
    'identify',
    'plugins',
    'files', // those it refers to are the caller's
    'plan',
    'permit',
    'plugin-route',
    'idempotency',
    'coalesce',
    'guardrails',
    'admit',
    'dispatch',
  ],
};
