import type { Operation } from '../contracts/operation.ts';
import { MODEL_JSON } from './forwarded.ts';

/** Texts and chats sorted into classes, those of moderation among them (Mistral). */
export const classification: Operation = {
  name: 'classification',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  ...MODEL_JSON,
};
