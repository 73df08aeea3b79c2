import type { Operation } from '../contracts/operation.ts';
import { KEPT_OBJECT } from './forwarded.ts';

/** Work that a provider does when it has time, out of a file that the body names: so it is read whole. */
export const batch: Operation = {
  name: 'batch',
  intake: 'json',
  answer: 'json',
  repeatable: true,
  ...KEPT_OBJECT,
  modelIn: 'input_file_id',
  billed: true,
  chargedByResults: true,
};
