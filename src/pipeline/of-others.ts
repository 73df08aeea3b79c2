// Whether what an answer tells of use is its own call's.
import type { Call } from '../contracts/call.ts';

/** What it tells was used by calls before it: of an object that is read, or of a batch. */
export function isOfOthers({ operation, head }: Call): boolean {
  return operation?.chargedByResults === true || (head.method === 'GET' && operation?.intake !== 'socket');
}
