// The request log over a database that speaks SQL.
import type { KeptBody, LogReads } from '../../contracts/log-store.ts';
import { type SqlDriver, type SqlRow, type SqlWork, statement } from '../sql-driver.ts';
import { LEDGER_COLUMNS, ledgerRow } from './columns.ts';
import { deleteRows } from './delete.ts';
import { callWork, ledgerPageWork, logPageWork } from './pages.ts';
import { hourReport } from './reconcile.ts';
import { pointsWork } from './sums.ts';
import { type BatchResult, type SpoolBatch, writeBatch } from './write.ts';

export interface LogStore extends LogReads {
  /** All of a batch or nothing, and only if nobody else wrote it. */
  write(batch: SpoolBatch): Promise<BatchResult>;
  /** How far files were read, by name; those nobody knows are absent. */
  places(): Promise<ReadonlyMap<string, number>>;
  /** Forgets files that are gone. */
  forget(files: readonly string[]): Promise<void>;
  readonly driver: SqlDriver;
  close(): Promise<void>;
}

const BODIES = 'call, kind, at, bytes, truncated, sha256, encoding, body';

export function createLogStore(driver: SqlDriver): LogStore {
  const rows = (text: string, ...values: (string | number)[]): Promise<readonly SqlRow[]> =>
    driver.read(function* read(): SqlWork<readonly SqlRow[]> {
      return yield { text, values };
    });
  return {
    driver,
    page: (query) => driver.read(() => logPageWork(query)),
    call: (call) => driver.read(() => callWork(call)),
    ledger: (query) => driver.read(() => ledgerPageWork(query)),
    reconcile: (start) => driver.read(() => hourReport(start)),
    remove: (found) => driver.write(() => deleteRows(found)),
    points: (query) => driver.read(() => pointsWork(query)),
    async charges(call) {
      const found = await rows(
        `SELECT ${LEDGER_COLUMNS.join(', ')} FROM ledger WHERE call = ? ORDER BY id LIMIT 500`,
        call,
      );
      return found.map(ledgerRow);
    },
    async bodies(call) {
      const found = await rows(`SELECT ${BODIES} FROM log_bodies WHERE call = ? ORDER BY kind DESC`, call);
      return found.map(bodyOf);
    },
    write: (batch) => driver.write(() => writeBatch(batch)),
    async places() {
      const found = await rows('SELECT name, place FROM log_files');
      return new Map(found.map((row) => [String(row['name']), Number(row['place'])]));
    },
    forget: (files) =>
      driver.write(function* forget(): SqlWork<void> {
        for (const file of files) yield statement('DELETE FROM log_files WHERE name = ?', file);
      }),
    close: () => driver.close(),
  };
}

function bodyOf(row: SqlRow): KeptBody {
  return {
    call: String(row['call']),
    kind: row['kind'] as KeptBody['kind'], // only written from one
    at: Number(row['at']),
    bytes: Number(row['bytes']),
    truncated: Number(row['truncated']) === 1,
    sha256: String(row['sha256']),
    encoding: row['encoding'] as KeptBody['encoding'], // as above
    text: String(row['body']),
  };
}
