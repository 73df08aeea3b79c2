import type { Operation } from '../contracts/operation.ts';

/** How many tokens a prompt has. Free at the vendors, with limits of its own there. */
export const tokenCount: Operation = {
  name: 'token-count',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: false,
  estimated: true,
  standIn: null,
  modelIn: 'model',
  meters: ['requests'],
  billed: false,
  flow: [
    'identify',
    'plugins', // what is asked, and for which model, may be another than its client said
    'files', // those it refers to are the caller's, or are answered as if they were not there
    'plan',
    'permit',
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'recall',
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit',
    'count', // needs no lane unless the target's vendor counts itself
    'dispatch',
  ],
};
