// What every log of requests must do, whichever database it lies in: one suite, run over SQLite (log-store.test.ts) and over a
// real PostgreSQL (tests/integration/postgres).
import { describe } from 'vitest';
import { booksOf } from './log-store/books.ts';
import { edgeEventsOf } from './log-store/edge-events.ts';
import { type LogStoreMaker, logUnderTest } from './log-store/log-under-test.ts';
import { rowsOf } from './log-store/rows.ts';
import { sumsOf } from './log-store/sums.ts';
import { writesOf } from './log-store/writes.ts';

export function describeLogStore(title: string, maker: LogStoreMaker): void {
  describe(title, () => {
    const log = logUnderTest(maker);
    rowsOf(log);
    writesOf(log);
    sumsOf(log);
    booksOf(log);
    edgeEventsOf(log);
  });
}
