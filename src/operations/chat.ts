import type { Operation } from '../contracts/operation.ts';

/** A conversation's next turn, whole or streamed. */
export const chat: Operation = {
  name: 'chat',
  intake: 'json',
  answer: 'deltas',
  repeatable: true,
  refusable: true,
  estimated: false,
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: [
    'identify', // one reading of the body: all later stages use its facts, nobody reads the body again
    'first-chat', // Cohere's first API in the words of its second, which is all that later stages know
    'plugins', // what is asked, and for which model, may be another than its client said
    'files', // those it refers to are the caller's, or are answered as if they were not there
    'plan', // names the targets: an unknown model costs no place in a lane
    'permit', // what the caller may use of them, and for whom it calls: before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'idempotency', // an answer that was given before is given again: it costs nothing, and asks nobody
    'coalesce', // nor does one that another call is about to get
    'recall', // turns that the request builds on: they are part of what the limits count
    'compact', // what it makes of the request is what the limits count
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'lookup', // an answer that is kept costs nothing, so no limit counts it; behind `permit`, so that only who may ask hears it
    'admit', // limits on the key, the model and the caller: what is refused here costs no place in a lane
    'background', // behind the limits: a response that is queued has its place in them
    'shadow', // a copy for another model, which nobody waits for
    'dispatch', // the one loop that retries and falls back; settle sits on its end
  ],
};
