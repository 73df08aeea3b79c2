// Rows into the log without a spool, with sums only of the steps that would still be kept of them.
import type { LogRow } from '../src/contracts/request-log.ts';
import { SumBook } from '../src/stores/log/sum-book.ts';
import { addSums } from '../src/stores/log/sums.ts';
import { insertRows } from '../src/stores/log/write.ts';
import type { SqlWork } from '../src/stores/sql-driver.ts';

/** @param minutesFrom, hoursFrom ms since 1970 */
export function* fillWork(rows: readonly LogRow[], minutesFrom: number, hoursFrom: number): SqlWork<void> {
  yield* insertRows(rows);
  const book = new SumBook();
  for (const row of rows) book.add(row);
  const kept = book
    .groups()
    .filter(({ step, start }) => step === 'day' || start >= (step === 'minute' ? minutesFrom : hoursFrom));
  yield* addSums(kept);
}
