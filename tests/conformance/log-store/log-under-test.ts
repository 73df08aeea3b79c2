// The log that a suite asks: opened before its first test and closed behind its last.
import { afterAll, beforeAll } from 'vitest';
import type { LogFilter, LoggedRow, LogQuery } from '../../../src/contracts/log-store.ts';
import type { LogRow } from '../../../src/contracts/request-log.ts';
import type { LogStore } from '../../../src/stores/log/log-store.ts';

/** Opens a log of its own, with nothing in it. */
export interface LogStoreMaker {
  open(): Promise<{ store: LogStore; again(): Promise<LogStore>; close(): Promise<void> }>;
}

/** ms since 1970: each test keeps to hours of its own behind it. */
export const START = 1_764_000_000_000;
/** ms */
export const HOUR = 3_600_000;

export interface LogUnderTest {
  readonly store: LogStore;
  /** Another one on the same database, as another process has it. */
  again(): Promise<LogStore>;
  /** As if a file of the journal had said so. */
  write(rows: readonly LogRow[]): Promise<readonly LoggedRow[]>;
  /** Calls of one page. */
  calls(query: LogQuery): Promise<string[]>;
}

/** For the tests of the `describe` that calls it. */
export function logUnderTest(maker: LogStoreMaker): LogUnderTest {
  let opened: Awaited<ReturnType<LogStoreMaker['open']>>;
  let files = 0;
  beforeAll(async () => {
    opened = await maker.open();
  });
  afterAll(() => opened.close());

  return {
    get store() {
      return opened.store;
    },
    again: () => opened.again(),
    async write(rows) {
      const result = await opened.store.write({ file: `f${++files}`, from: 0, to: 10, rows, bodies: [] });
      if (!result.written) throw new Error('was written already');
      return result.rows;
    },
    calls: async (query) => (await opened.store.page(query)).rows.map(({ call }) => call),
  };
}

/** A page of ten, newest first, of the rows with these values. */
export const filter = (values: LogFilter['values'], over: Partial<LogQuery> = {}): LogQuery => ({
  values,
  ranges: {},
  limit: 10,
  ...over,
});
