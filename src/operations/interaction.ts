import type { Operation } from '../contracts/operation.ts';

/** A step with a model or an agent of Google's (POST /v1beta/interactions): JSON in, an interaction or its events out, as they come. */
export const interaction: Operation = {
  name: 'interaction',
  intake: 'json',
  answer: 'bytes',
  repeatable: true,
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: true, makes: true },
  standIn: null,
  modelIn: 'model',
  meters: ['requests', 'tokens'],
  billed: true,
  flow: [
    'identify', // the model, where it names one
    'own', // what it goes on from is the caller's, or is answered as if it were not there
    'files', // and so are the files it refers to
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // an agent is asked where it lives, or where what it goes on from is kept
    'plan', // a model says where it goes by itself
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
