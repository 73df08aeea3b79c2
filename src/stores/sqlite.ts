// The store in a file beside the gateway, by node:sqlite. It blocks while it works, so it belongs into a process that
// answers no calls of clients: the gatehouse.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { checkSchemaVersion, type Migrations } from './migrations.ts';
import { type Shape, STORE_SHAPE } from './shape.ts';
import type { SqlDriver, SqlRow, SqlWork, Statement } from './sql-driver.ts';

/** Another process may have the file for a moment: a second gateway, a backup. */
const BUSY_MS = 2_000;
/** How often to look whether another process wrote. */
const WATCH_MS = 500;
const MAX_STATEMENTS = 128;

/** @throws Error when the file cannot be opened, is no database, or is of a newer version. */
export function openSqlite(file: string, shape: Shape = STORE_SHAPE): SqlDriver {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(`PRAGMA cache_size = -${shape.cacheKiB}`);
  const prepared = new Map<string, StatementSync>();
  const watchers = new Set<() => void>();

  function run({ text, values }: Statement): readonly SqlRow[] {
    let made = prepared.get(text);
    if (made === undefined) {
      if (prepared.size >= MAX_STATEMENTS) prepared.clear();
      made = database.prepare(text);
      prepared.set(text, made);
    }
    return made.all(...values) as readonly SqlRow[]; // node types its rows as records of its own values
  }

  function drive<T>(work: SqlWork<T>): T {
    let step = work.next();
    while (step.done !== true) step = work.next(run(step.value));
    return step.value;
  }

  function write<T>(work: () => SqlWork<T>): T {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = drive(work());
      database.exec('COMMIT');
      return result;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }

  if (shape.copied === true) keepCopy(database, file, shape.sqlite.length);
  migrate(database, shape.sqlite);
  let seen = dataVersion(database);
  const watching = setInterval(() => {
    const now = dataVersion(database);
    if (now === seen) return;
    seen = now;
    for (const changed of watchers) changed();
  }, WATCH_MS).unref();

  return {
    words: {
      json: '?',
      member: jsonMember,
      // Most have none: they are told by their bytes, and no JSON is read for them.
      has: (name) => `(instr(data, '"${name}"') > 0 AND json_extract(data, '$.${name}') IS NOT NULL)`,
    },
    shared: false,
    read: async (work) => drive(work()),
    async write(work) {
      const result = write(work);
      for (const changed of watchers) changed();
      return result;
    },
    watch(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    announce: () => null,
    async backup(to) {
      if (existsSync(to)) throw new Error(`${to} is there already`);
      mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
      database.prepare('VACUUM INTO ?').run(to);
    },
    async close() {
      clearInterval(watching);
      database.close();
    },
  };
}

/** `true` and `false` as PostgreSQL has them, where SQLite would say 1 and 0. */
function jsonMember(name: string): string {
  return `CASE json_type(data, '$.${name}') WHEN 'true' THEN 'true' WHEN 'false' THEN 'false'
    ELSE CAST(json_extract(data, '$.${name}') AS TEXT) END`;
}

/**
 * What an older version could go back to, beside the file: `store.db.schema-1`. Left as it is where there is one already: that is
 * what was before the first try.
 */
function keepCopy(database: DatabaseSync, file: string, known: number): void {
  const found = schemaVersion(database);
  const copy = `${file}.schema-${found}`;
  if (found === 0 || found >= known || existsSync(copy)) return;
  database.prepare('VACUUM INTO ?').run(copy);
}

function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

function migrate(database: DatabaseSync, steps: Migrations): void {
  const known = steps.length;
  // Locked before it is looked at: two processes may open a new file at once.
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = schemaVersion(database);
    checkSchemaVersion(found, known);
    for (const step of steps.slice(found)) for (const text of step) database.exec(text);
    database.exec(`PRAGMA user_version = ${known}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** Another number once another connection has written. */
function dataVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA data_version').get()?.['data_version'] ?? 0);
}
