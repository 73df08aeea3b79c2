import type { Operation } from '../contracts/operation.ts';
import { MODEL_JSON } from './forwarded.ts';

/** Documents read into text (Mistral). */
export const ocr: Operation = {
  name: 'ocr',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  ...MODEL_JSON,
  meters: ['requests', 'tokens', 'pages'],
};
