import type { Operation } from '../contracts/operation.ts';

/** A key of short life for one spoken conversation, or its settings: with it a browser talks to the provider itself. */
export const realtimeSecret: Operation = {
  name: 'realtime-secret',
  intake: 'json',
  unread: true,
  answer: 'json',
  repeatable: true,
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  modelIn: 'session.model',
  meters: ['requests'],
  billed: true,
  past: true,
  flow: [
    'identify', // the body
    'files', // a voice that it names is the caller's, or is answered as if it were not there
    'session', // the model stands in the session that it describes
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // where none is named: path or header say whose it is
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // nobody will see what is said: where a guardrail must look at it, it is refused
    'admit', // limits on the key and the caller
    'dispatch', // hands it on
  ],
};
