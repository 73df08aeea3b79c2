// Which marks of a budget a sum passes, each once. Pure; redis/budgets/marks-script.ts is the same in Lua, for gateways that share
// their counters: whoever adds what brings the sum over a mark is the one that tells.
import type { BudgetMark, BudgetUse } from '../contracts/budget.ts';

/** What is known of one budget in one window. */
export interface MarkRow {
  /** Nanodollars that calls were charged. */
  nano: number;
  refused: number;
  /** Amount for which the mark was told; -1 = it was not. A larger amount has marks of its own. */
  softFor: number;
  hardFor: number;
  /** ms since 1970; 0 = never. */
  readonly endsAtMs: number;
}

/** A refusal tells of the end of a budget from this share on: before it, a call may only have asked for too much. */
export const NEARLY = 0.8;

export function newMarkRow(endsAtMs: number, nano = 0): MarkRow {
  return { nano, refused: 0, softFor: -1, hardFor: -1, endsAtMs };
}

/** Adds what was used. @param atLeast nanodollars that are spent for certain @returns the marks that this brings it over, the soft one first. */
export function addUse(
  row: MarkRow,
  { nano, refused, amountNano, softNano }: Pick<BudgetUse, 'nano' | 'refused' | 'amountNano' | 'softNano'>,
  atLeast = 0,
): BudgetMark[] {
  row.nano += nano;
  row.refused += refused;
  const marks: BudgetMark[] = [];
  const spent = Math.max(row.nano, atLeast);
  if (spent >= softNano && amountNano > row.softFor) {
    row.softFor = amountNano;
    marks.push('soft');
  }
  const over = spent >= amountNano || (refused > 0 && spent >= Math.min(softNano, amountNano * NEARLY));
  if (over && amountNano > row.hardFor) {
    row.hardFor = amountNano;
    marks.push('hard');
  }
  return marks;
}
