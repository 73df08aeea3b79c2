// Ids of function calls. Gemini needs none: it pairs results with calls by name and order, and older models write none. All
// other dialects do, so one is made up where it is missing, of what stands in the wire alone: the next turn reads the same.
import { createHash } from 'node:crypto';

/** As made below, or the same told apart by a dialect that saw it before (dialects/tool-ids.ts). */
const MADE_UP = /^call_gm[0-9a-f]{22}(?:_\d+)?$/;

/** @param step what tells one model turn from another: its place, or the answer's id. @param index place among its calls. */
export function madeUpCallId(step: string | number, index: number, name: string): string {
  const digest = createHash('sha256').update(`${step}/${index}/${name}`).digest('hex');
  return `call_gm${digest.slice(0, 22)}`;
}

/** Whether the vendor has never seen this id: it is left out again when the conversation returns. */
export function isMadeUp(id: string): boolean {
  return MADE_UP.test(id);
}
