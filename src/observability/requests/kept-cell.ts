// Cells as they lie in the database (`packCell`), for who only reads: a year is thousands of them, most of each is histograms,
// and a map for each of those would cost ten times what the text does.
import type { KeptCell, StatCell } from '../../contracts/log-store.ts';
import { addCell, addSumsOf, packCell, SUMS, unpackCell } from './cells.ts';

/** Longest text of the sums of a cell: integers with their signs. Behind it come the histograms. */
const HEAD_LENGTH = SUMS.length * 18 + 2;
/** What `headOf` needs of a packed cell, in SQL. */
export const HEAD = `substr(data, 2, ${HEAD_LENGTH})`;

/** Sums alone, in the order of SUMS. @param head HEAD of a packed cell */
export function headOf(head: string): number[] {
  return JSON.parse(head.slice(0, head.indexOf(']') + 1)) as number[]; // only written by packCell
}

type Numbers = readonly number[];
type Packed = readonly [sums: Numbers, ttft: Numbers, total: Numbers, overhead: Numbers, rate: Numbers];

export function readCell(text: string): KeptCell {
  const [sums, ttftMs, totalMs, overheadMs, tokensPerSecond] = JSON.parse(text) as Packed; // only written by packCell
  const cell = { histograms: { ttftMs, totalMs, overheadMs, tokensPerSecond } } as unknown as KeptCell; // its sums follow
  for (const [at, name] of SUMS.entries()) cell[name] = sums[at] ?? 0;
  return cell;
}

export function keptCell(cell: StatCell): KeptCell {
  return readCell(packCell(cell));
}

/** Both together. @param timed false: only the sums of `cell` count */
export function joinedCell(kept: KeptCell, cell: StatCell, timed: boolean): KeptCell {
  const { ttftMs, totalMs, overheadMs, tokensPerSecond } = kept.histograms;
  const packed: Packed = [SUMS.map((name) => kept[name]), ttftMs, totalMs, overheadMs, tokensPerSecond];
  const whole = unpackCell(JSON.stringify(packed));
  if (timed) addCell(whole, cell);
  else addSumsOf(whole, cell);
  return keptCell(whole);
}
