import type { Operation } from '../contracts/operation.ts';
import { MODEL_FORM } from './forwarded.ts';

/** A film that is begun by a form, as OpenAI's SDKs send it: a picture that it begins with may be in it. */
export const videoForm: Operation = {
  name: 'video-form',
  intake: 'form',
  answer: 'json',
  repeatable: false,
  begins: true,
  ...MODEL_FORM,
  usualSeconds: 4,
  films: true,
  raw: { ...MODEL_FORM.raw!, objects: true },
  // Its vendor may choose the model: then path or header say whose it is.
  flow: MODEL_FORM.flow.flatMap((stage) => (stage === 'plan' ? ['provider', stage] : stage)),
};
