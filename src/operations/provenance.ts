import type { Operation } from '../contracts/operation.ts';
import { NAMES_FILES } from './forwarded.ts';

/** Whether a picture or a sound says that a vendor's model made it: a form, of which nothing is kept. */
export const provenance: Operation = {
  name: 'provenance',
  intake: 'stream',
  answer: 'json',
  repeatable: false,
  ...NAMES_FILES,
  raw: { ...NAMES_FILES.raw!, objects: false },
};
