import type { Operation } from '../contracts/operation.ts';

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
  flow: [
    'identify', // the model
    'plugins', // what is asked, and for which model, may be another than its client said
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'idempotency', // an answer that its key was given before
    'coalesce', // one that an equal call is about to get
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'lookup', // an answer that was given before
    'prompts', // more answers than a chat in its place gives: several calls, whose answers are one
    'admit', // limits on the key and the caller
    'shadow', // a copy for another model, which nobody waits for
    'dispatch', // asks them in turn
  ],
};
