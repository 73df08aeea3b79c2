// Work on the log that goes on over restarts: how far it is stands beside the rows. Who changes a job has to know how it was.
import type { LogJob } from '../../contracts/log-store.ts';
import { type SqlWork, statement } from '../sql-driver.ts';

const COLUMNS = 'id, kind, done, updated_at, state';

/** Newest first. */
export function* jobsWork(kind: string): SqlWork<LogJob[]> {
  const rows = yield statement(
    `SELECT ${COLUMNS} FROM log_jobs WHERE kind = ? ORDER BY updated_at DESC, id LIMIT 100`,
    kind,
  );
  return rows.map((row) => ({
    id: String(row['id']),
    kind: String(row['kind']),
    done: Number(row['done']) === 1,
    updatedAt: Number(row['updated_at']),
    state: JSON.parse(String(row['state'])) as LogJob['state'], // only written below
  }));
}

/** @param before its `updatedAt` as it was known; null = it is new. @returns false: somebody else changed it */
export function* putJobWork(job: LogJob, before: number | null): SqlWork<boolean> {
  const found = (yield statement('SELECT updated_at FROM log_jobs WHERE id = ?', job.id))[0];
  if ((found === undefined ? null : Number(found['updated_at'])) !== before) return false;
  yield statement(
    `INSERT INTO log_jobs (${COLUMNS}) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET done = excluded.done, updated_at = excluded.updated_at, state = excluded.state`,
    job.id,
    job.kind,
    job.done ? 1 : 0,
    job.updatedAt,
    JSON.stringify(job.state),
  );
  return true;
}
