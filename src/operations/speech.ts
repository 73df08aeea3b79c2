import type { Operation } from '../contracts/operation.ts';

/** Text said aloud: JSON in, sound or its events out, as they come. */
export const speech: Operation = {
  name: 'speech',
  intake: 'json',
  answer: 'bytes',
  repeatable: true,
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  modelIn: 'model',
  meters: ['requests'],
  billed: true,
  flow: [
    'identify', // the model it names; the text itself is nobody's here
    'plugins', // what is asked, and for which model, may be another than its client said
    'files', // a voice that was made is the caller's, or is answered as if it were not there
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
