import type { Operation } from '../contracts/operation.ts';

/** A film that is done. */
export const videoContent: Operation = {
  name: 'video-content',
  intake: 'none',
  answer: 'bytes',
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
