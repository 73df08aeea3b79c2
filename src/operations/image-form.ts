import type { Operation } from '../contracts/operation.ts';

/** Pictures made of pictures: a form in, and pictures or their events out. */
export const imageForm: Operation = {
  name: 'image-form',
  intake: 'form',
  answer: 'bytes',
  repeatable: false,
  refusable: true,
  estimated: false,
  raw: { verbatim: false, headers: 'dialect', objects: false },
  standIn: null,
  meters: ['requests'],
  flow: [
    'form', // looks for the model in the form as it comes: behind the file, what came is kept on disk
    'plan', // names the targets
    'permit', // what the caller may use of it, before anything is counted
    'admit', // limits on the key and the caller
    'dispatch', // hands it on, both ways
  ],
};
