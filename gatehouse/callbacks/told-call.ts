// A call as receivers are told of it: its rows together, the last of them the one that says how it ended.
import type { KeptBody, LoggedRow } from '../../src/contracts/log-store.ts';

export interface ToldCall {
  /** In the order of the attempts. */
  readonly rows: readonly LoggedRow[];
  /** The final one. */
  readonly end: LoggedRow;
  readonly bodies: readonly KeptBody[];
}

/** Rows of a call come together, since they were one record. */
export function callsOf(rows: readonly LoggedRow[]): Pick<ToldCall, 'rows' | 'end'>[] {
  const calls: { rows: LoggedRow[]; end: LoggedRow }[] = [];
  for (const row of rows) {
    const last = calls.at(-1);
    // A caller may choose its ids, and give two calls the same.
    if (last === undefined || last.end.call !== row.call || last.rows.length >= last.end.attempts)
      calls.push({ rows: [row], end: row });
    else {
      last.rows.push(row);
      if (row.final) last.end = row;
    }
  }
  return calls;
}
