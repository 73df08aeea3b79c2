// Cells as they lie in the database (`packCell`), for who reads only a part of one, or adds what is not written yet.
import type { StatCell } from '../../contracts/log-store.ts';
import { addCell, addSumsOf, packCell, SUMS, unpackCell } from './cells.ts';

/** Longest text of the sums of a cell: integers with their signs. Behind it come the histograms. */
const HEAD_LENGTH = SUMS.length * 18 + 2;
/** What `headOf` needs of a packed cell, in SQL. */
export const HEAD = `substr(data, 2, ${HEAD_LENGTH})`;

/** Sums alone, in the order of SUMS: 0 for those that an older version did not know. @param head HEAD of a packed cell */
export function headOf(head: string): number[] {
  const sums = JSON.parse(head.slice(0, head.indexOf(']') + 1)) as number[]; // only written by packCell
  while (sums.length < SUMS.length) sums.push(0);
  return sums;
}

/** Both together. @param timed false: only the sums of `cell` count */
export function joinedCell(kept: string, cell: StatCell, timed: boolean): string {
  const whole = unpackCell(kept);
  if (timed) addCell(whole, cell);
  else addSumsOf(whole, cell);
  return packCell(whole);
}
