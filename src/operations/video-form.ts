import type { Operation } from '../contracts/operation.ts';
import { MODEL_FORM } from './forwarded.ts';

/** A film that is begun from a picture: a form, as which SDKs send what has a file in it. */
export const videoForm: Operation = {
  name: 'video-form',
  intake: 'form',
  answer: 'json',
  repeatable: false,
  begins: true,
  ...MODEL_FORM,
  usualSeconds: 4,
  raw: { ...MODEL_FORM.raw!, objects: true },
  // Its vendor may choose the model: then path or header say whose it is.
  flow: MODEL_FORM.flow.flatMap((stage) => (stage === 'plan' ? ['provider', stage] : stage)),
};
