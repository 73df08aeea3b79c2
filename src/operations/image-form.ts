import type { Operation } from '../contracts/operation.ts';
import { MODEL_FORM } from './forwarded.ts';

/** Pictures made of pictures: a form in, and pictures or their events out. */
export const imageForm: Operation = {
  name: 'image-form',
  intake: 'form',
  answer: 'bytes',
  repeatable: false,
  ...MODEL_FORM,
};
