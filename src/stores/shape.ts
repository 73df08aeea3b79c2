// The shape of a database: its migrations in both dialects, and what keeps those who share it in turn.
import { type Migrations, POSTGRES_MIGRATIONS, SQLITE_MIGRATIONS } from './migrations.ts';

export interface Shape {
  readonly sqlite: Migrations;
  readonly postgres: Migrations;
  /** Table of its version in PostgreSQL; SQLite counts by itself. */
  readonly versionTable: string;
  /** Advisory lock of its writers in PostgreSQL: any number that nobody else uses. */
  readonly lock: number;
  /** Size of SQLite's cache of pages. */
  readonly cacheKiB: number;
  /** After so long without an answer PostgreSQL counts as down: a frozen one, or one that was cut off, says nothing. */
  readonly answerMs: number;
  /** For tests of what a store does, not how soon: ms that a statement of PostgreSQL may take, and a connection. */
  readonly patientMs?: number;
  /** A copy is kept beside SQLite's file before a newer version changes it; not of what may have gigabytes. */
  readonly copied?: boolean;
}

/** What people manage. */
export const STORE_SHAPE: Shape = {
  sqlite: SQLITE_MIGRATIONS,
  postgres: POSTGRES_MIGRATIONS,
  versionTable: 'headgate_schema',
  lock: 7_306_094,
  cacheKiB: 2_000,
  answerMs: 2_000,
  copied: true,
};
