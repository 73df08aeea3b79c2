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
/** Likewise, where both write for long. */
const LONG_BUSY_MS = 10_000;
const LONG_AGAIN_MS = 20;
/** SQLITE_BUSY. */
const BUSY = 5;
/** How long a long write keeps the process to itself before others have a turn. */
const SLICE_MS = 10;

/** @throws Error when the file cannot be opened, is no database, or is of a newer version. */
export function openSqlite(file: string, shape: Shape = STORE_SHAPE): SqlDriver {
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(`PRAGMA cache_size = -${shape.cacheKiB}`);
  const watchers = new Set<() => void>();
  const own = createRunner(database);
  /** Another connection, which sees nothing of a long write before it is whole. Opened by the first that needs it. */
  let aside: { readonly database: DatabaseSync; readonly run: Run } | null = null;
  let underWay: Promise<void> | null = null;

  function readingRun(): Run {
    if (underWay === null) return own;
    if (aside === null) {
      const reader = new DatabaseSync(file, { timeout: BUSY_MS, readOnly: true });
      aside = { database: reader, run: createRunner(reader) };
    }
    return aside.run;
  }

  function drive<T>(work: SqlWork<T>, run: Run): T {
    let step = work.next();
    while (step.done !== true) step = work.next(run(step.value));
    return step.value;
  }

  async function driveInSlices<T>(work: SqlWork<T>): Promise<T> {
    let step = work.next();
    for (let begun = performance.now(); step.done !== true; ) {
      step = work.next(own(step.value));
      if (performance.now() - begun < SLICE_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      begun = performance.now();
    }
    return step.value;
  }

  function rollBack(): void {
    if (database.isTransaction) database.exec('ROLLBACK');
  }

  function write<T>(work: () => SqlWork<T>): T {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = drive(work(), own);
      database.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack();
      throw error;
    }
  }

  /** Waits without keeping the process: another that writes for long is at it as long as we would be. */
  async function beginLong(): Promise<void> {
    for (
      const begun = performance.now();
      ;
      await new Promise((resolve) => setTimeout(resolve, LONG_AGAIN_MS))
    ) {
      database.exec('PRAGMA busy_timeout = 0');
      try {
        database.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() - begun > LONG_BUSY_MS) throw error;
      } finally {
        database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
      }
    }
  }

  async function writeLong<T>(work: () => SqlWork<T>): Promise<T> {
    const done = Promise.withResolvers<void>();
    underWay = done.promise;
    try {
      await beginLong();
      const result = await driveInSlices(work());
      database.exec('COMMIT');
      return result;
    } catch (error) {
      rollBack();
      throw error;
    } finally {
      underWay = null;
      done.resolve();
    }
  }

  /** Resolves at once, without giving up the turn, where nobody writes for long. */
  async function alone<T>(work: () => T): Promise<Awaited<T>> {
    while (underWay !== null) await underWay;
    const result = await work();
    for (const changed of watchers) changed();
    return result;
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
    read: async (work) => drive(work(), readingRun()),
    write: (work) => alone(() => write(work)),
    writeLong: (work) => alone(() => writeLong(work)),
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
      while (underWay !== null) await underWay;
      aside?.database.close();
      database.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === BUSY;
}

type Run = (statement: Statement) => readonly SqlRow[];

/** Runs statements on one connection, each prepared once. */
function createRunner(database: DatabaseSync): Run {
  const prepared = new Map<string, StatementSync>();
  return ({ text, values }) => {
    let made = prepared.get(text);
    if (made === undefined) {
      if (prepared.size >= MAX_STATEMENTS) prepared.clear();
      made = database.prepare(text);
      prepared.set(text, made);
    }
    return made.all(...values) as readonly SqlRow[]; // node types its rows as records of its own values
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
