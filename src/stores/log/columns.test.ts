// Rows of earlier releases say less, and what they say stands where it stood.
import { expect, it } from 'vitest';
import { logRow } from '../../observability/requests/row.fixture.ts';
import type { SqlRow, SqlValue } from '../sql-driver.ts';
import { LEDGER_COLUMNS, ledgerRow, ledgerValues, LOG_COLUMNS, loggedRow, logValues } from './columns.ts';

const LATER = {
  imageInputTokens: 12,
  imageOutputTokens: 1_290,
  webSearches: 3,
  searchSize: 'high',
  pages: 7,
  videoInputTokens: 31,
};
const ROW = logRow({ ...LATER, requests: 2, savedMs: 5, countedHeaders: [['x-team', 'hash']] });

function read<T>(
  columns: readonly string[],
  values: readonly SqlValue[],
  of: (row: SqlRow) => T,
  later: number,
): T {
  const row = Object.fromEntries(columns.map((name, at) => [name, values[at]])) as SqlRow;
  const all = JSON.parse(String(row['data'])) as unknown[];
  return of({ ...row, data: JSON.stringify(all.slice(0, all.length - later)) });
}

it.each([
  ['the log', (later: number) => read(LOG_COLUMNS, logValues(4, ROW), loggedRow, later)],
  ['the ledger', (later: number) => read(LEDGER_COLUMNS, ledgerValues(4, ROW), ledgerRow, later)],
])('what a row of %s says is read again, and of one from before it said all of it the rest', (_, rowOf) => {
  const whole = rowOf(0);
  expect(whole).toMatchObject({ id: 4, ...LATER, requests: 2, keyId: 'app', inputTokens: 100 });
  const none = Object.fromEntries(Object.keys(LATER).map((name) => [name, null]));
  expect(rowOf(Object.keys(LATER).length)).toEqual({ ...whole, ...none });
});
