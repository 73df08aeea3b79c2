import type { Operation } from '../contracts/operation.ts';

/**
 * A spoken conversation: messages of its protocol, both ways, on a WebSocket; or the same beside one under way, whose sound goes another
 * way (`?call_id=`). Each of its turns is counted by itself.
 */
export const realtime: Operation = {
  name: 'realtime',
  intake: 'socket',
  unread: true,
  answer: 'socket',
  repeatable: false,
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens', 'seconds'],
  billed: true,
  flow: [
    'own', // a conversation under way that it names is the caller's, or is answered as if it were not there
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // beside a conversation under way: who has it
    'plan', // the model its address or its first message names
    'permit', // what the caller may use of it
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // look at its messages, both ways, as they come
    'admit', // a session is a call of its key: concurrent ones are limited as such
    'tunnel', // to the provider and back
  ],
};
