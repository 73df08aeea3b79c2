// Rows of the log taken out by their numbers, with their tags and what was kept of their bodies. Charges and sums stay: what was spent was spent.
import type { SqlWork } from '../sql-driver.ts';

/** @param rows at most some hundreds */
export function* deleteRows(rows: readonly { readonly id: number; readonly call: string }[]): SqlWork<void> {
  if (rows.length === 0) return;
  const marks = rows.map(() => '?').join(', ');
  const ids = rows.map(({ id }) => id);
  yield { text: `DELETE FROM log_tags WHERE id IN (${marks})`, values: ids };
  yield { text: `DELETE FROM log_guardrails WHERE id IN (${marks})`, values: ids };
  yield { text: `DELETE FROM log WHERE id IN (${marks})`, values: ids };
  yield { text: `DELETE FROM log_bodies WHERE call IN (${marks})`, values: rows.map(({ call }) => call) };
}
