import type { Operation } from '../contracts/operation.ts';

/** Whatever a provider has, asked for by its own path: any method and body, forwarded as it came. */
export const passthrough: Operation = {
  name: 'passthrough',
  intake: 'stream',
  answer: 'bytes',
  repeatable: false,
  refusable: false,
  estimated: false,
  raw: { verbatim: true, headers: 'all', objects: false },
  standIn: null,
  modelIn: '',
  meters: ['requests'],
  billed: true,
  flow: [
    'own', // what its path names is the caller's, or is answered as if it were not there
    'files', // and so is what its body names, looked up while it goes by
    'plugins', // what is asked, and for which model, may be another than its client said
    'provider', // no model says where it goes: path, header, or who made the object does
    'permit', // what the caller may use of it, before anything is counted
    'plugin-route', // of the targets that may be asked, in which order: nothing more than is permitted
    'guardrails', // what is asked stands: it may be refused, or parts of it taken out, before it counts
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
