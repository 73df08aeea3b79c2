// The request log over a database that speaks SQL.
import type { KeptBody, LedgerRow, LoggedRow, LogReads } from '../../contracts/log-store.ts';
import { type SqlDriver, type SqlRow, type SqlWork, statement } from '../sql-driver.ts';
import { LEDGER_COLUMNS } from './columns.ts';
import { correctionPageWork } from './correction-pages.ts';
import { chargesWork, correctWork, withCorrections } from './corrections.ts';
import { countsWork } from './counts.ts';
import { deleteRows } from './delete.ts';
import { jobsWork, putJobWork } from './jobs.ts';
import { callWork, ledgerPageWork, logPageWork } from './pages.ts';
import { hourReport } from './reconcile.ts';
import { OpenSums } from './open-sums.ts';
import { pointsWork } from './sums.ts';
import { toldWork, type Untold, untoldWork } from './untold.ts';
import { type BatchResult, type SpoolBatch, writeBatch } from './write.ts';

export interface LogStore extends LogReads {
  /** All of a batch or nothing, and only if nobody else wrote it. Its sums count at once, and are written by `sum`. */
  write(
    batch: SpoolBatch,
    /** Who is to be told of which of them: kept until `told`. */
    untold?: (rows: readonly LoggedRow[]) => readonly Untold[],
  ): Promise<BatchResult>;
  /** The oldest rows a receiver is still to be told of. */
  untold(sink: string, count: number): Promise<readonly LoggedRow[]>;
  told(sink: string, ids: readonly number[]): Promise<void>;
  /** How far files were read, by name; those nobody knows are absent. Forgets sums that wait: they are to be read anew. */
  places(): Promise<ReadonlyMap<string, FilePlace>>;
  /** Sums of what is in the log already are about to be read anew: who asks for sums waits until they are, some seconds at most. */
  resuming(): void;
  resumed(): void;
  /** Rows that are in the log already and whose sums are not. */
  resume(batch: SpoolBatch): void;
  /** Writes the sums that wait. @returns false: somebody else did; `places` says what is there */
  sum(): Promise<boolean>;
  /** Rows whose sums wait. */
  readonly unsummed: number;
  /** Forgets files that are gone. */
  forget(files: readonly string[]): Promise<void>;
  readonly driver: SqlDriver;
  close(): Promise<void>;
}

export interface FilePlace {
  /** Rows are in the log up to here, sums up to there. */
  readonly place: number;
  readonly summed: number;
}

const BODIES = 'call, kind, at, bytes, truncated, sha256, encoding, body';

export function createLogStore(driver: SqlDriver): LogStore {
  const rows = (text: string, ...values: (string | number)[]): Promise<readonly SqlRow[]> =>
    driver.read(function* read(): SqlWork<readonly SqlRow[]> {
      return yield { text, values };
    });
  const open = new OpenSums(async (file) => {
    const [found] = await rows('SELECT summed FROM log_files WHERE name = ?', file);
    return found === undefined ? null : Number(found['summed']);
  });
  return {
    driver,
    page: (query) => driver.read(() => logPageWork(query)),
    call: (call) => driver.read(() => callWork(call)),
    ledger: (query) => driver.read(() => ledgerPageWork(query)),
    reconcile: (start) => open.with((books) => driver.read(() => hourReport(start, books))),
    remove: (found) => driver.write(() => deleteRows(found)),
    counts: (query, by = 'requests') => open.with((books) => driver.read(() => countsWork(query, by, books))),
    points: (query) => open.with((books) => driver.read(() => pointsWork(query, books))),
    jobs: (kind) => driver.read(() => jobsWork(kind)),
    putJob: (job, before) => driver.write(() => putJobWork(job, before)),
    charges: (call) =>
      driver.read(function* charges(): SqlWork<readonly LedgerRow[]> {
        const text = `SELECT ${LEDGER_COLUMNS.join(', ')} FROM ledger WHERE call = ? ORDER BY id LIMIT 500`;
        return yield* withCorrections(yield { text, values: [call] });
      }),
    chargesOf: (query) => driver.read(() => chargesWork(query)),
    correctionsOf: (query) => driver.read(() => correctionPageWork(query)),
    // Sums that wait are of charges as they were made: they are added to the correction when they are written.
    correct: (batch) => open.beside(() => driver.write(() => correctWork(batch))),
    async bodies(call) {
      const found = await rows(`SELECT ${BODIES} FROM log_bodies WHERE call = ? ORDER BY kind DESC`, call);
      return found.map(bodyOf);
    },
    untold: (sink, count) => driver.read(() => untoldWork(sink, count)),
    told: (sink, ids) => driver.write(() => toldWork(sink, ids)),
    async write(batch, untold) {
      const { file, from, to } = batch;
      const result = await driver.write(() => writeBatch(batch, open.summed(file, from), untold));
      if (result.written) open.take(file, from, to, result.rows);
      return result;
    },
    async places() {
      const found = await rows('SELECT name, place, summed FROM log_files');
      open.reset();
      return new Map(
        found.map((row) => [
          String(row['name']),
          { place: Number(row['place']), summed: Number(row['summed']) },
        ]),
      );
    },
    resuming: () => open.resuming(),
    resumed: () => open.resumed(),
    resume: ({ file, from, to, rows: read }) => open.take(file, from, to, read),
    sum: () => open.write((work) => driver.writeLong(work)),
    get unsummed() {
      return open.rows;
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
