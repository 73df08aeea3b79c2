import type { Operation } from '../contracts/operation.ts';

/** Work that a provider does when it has time: begun, told of, listed, cancelled, deleted. */
export const batch: Operation = {
  name: 'batch',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  refusable: false,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: true },
  standIn: null,
  meters: ['requests'],
  flow: [
    'provider', // no model says where it goes: path, header, or who made the object does
    'permit', // what the caller may use of it, before anything is counted
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
