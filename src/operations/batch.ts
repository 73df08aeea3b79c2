import type { Operation } from '../contracts/operation.ts';

/** Work that a provider does when it has time, out of a file that the body names: so it is read whole. */
export const batch: Operation = {
  name: 'batch',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  refusable: false,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: true },
  standIn: null,
  meters: ['requests'],
  flow: [
    'own', // what it names is the caller's, or is answered as if it were not there
    'provider', // no model says where it goes: path, header, or who made the object does
    'permit', // what the caller may use of it, before anything is counted
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
