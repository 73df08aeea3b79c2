// Rows that a receiver is still to be told of, by the number of the row. They are written with the rows and taken out once the receiver
// has them, or never will.
import type { LoggedRow } from '../../contracts/log-store.ts';
import type { SqlWork } from '../sql-driver.ts';
import { LOG_COLUMNS, loggedRow } from './columns.ts';
import { insertMany } from './insert.ts';

export interface Untold {
  readonly sink: string;
  /** Of the row. */
  readonly id: number;
}

const SOME = 100;

export function* putUntold(untold: readonly Untold[]): SqlWork<void> {
  yield* insertMany(
    'log_untold',
    ['sink', 'id'],
    untold.map(({ sink, id }) => [sink, id]),
    'ON CONFLICT (sink, id) DO NOTHING',
  );
}

/** The oldest of them. */
export function* untoldWork(sink: string, count: number): SqlWork<readonly LoggedRow[]> {
  const rows = yield {
    text: `SELECT ${LOG_COLUMNS.join(', ')} FROM log
      WHERE id IN (SELECT id FROM log_untold WHERE sink = ? ORDER BY id LIMIT ${count}) ORDER BY id`,
    values: [sink],
  };
  return rows.map(loggedRow);
}

export function* toldWork(sink: string, ids: readonly number[]): SqlWork<void> {
  for (let at = 0; at < ids.length; at += SOME) {
    const some = ids.slice(at, at + SOME);
    yield {
      text: `DELETE FROM log_untold WHERE sink = ? AND id IN (${some.map(() => '?').join(', ')})`,
      values: [sink, ...some],
    };
  }
}
