import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** A film that is done. */
export const videoContent: Operation = {
  name: 'video-content',
  intake: 'none',
  answer: 'bytes',
  repeatable: true,
  ...KEPT_OBJECT,
  films: true,
};
