// The shape of the store, step by step: numbered, in order, each applied once in a transaction of its own. A step that
// has shipped is never edited; another one follows it. The two databases differ in types alone.

/** Statements of each step, by number from 1. */
export type Migrations = readonly (readonly string[])[];

interface Types {
  readonly bigint: string;
  readonly json: string;
}

const migrations = ({ bigint, json }: Types): Migrations => [
  [
    `CREATE TABLE objects (
      kind TEXT NOT NULL,
      id TEXT NOT NULL,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      revision ${bigint} NOT NULL,
      lookup TEXT,
      created_at ${bigint} NOT NULL,
      updated_at ${bigint} NOT NULL,
      gone INTEGER NOT NULL DEFAULT 0,
      data ${json} NOT NULL,
      PRIMARY KEY (kind, id)
    )`,
    'CREATE UNIQUE INDEX objects_name ON objects (kind, name) WHERE gone = 0',
    'CREATE UNIQUE INDEX objects_lookup ON objects (kind, lookup) WHERE gone = 0 AND lookup IS NOT NULL',
    'CREATE INDEX objects_revision ON objects (revision)',
    `CREATE TABLE counters (name TEXT PRIMARY KEY, value ${bigint} NOT NULL)`,
    `INSERT INTO counters (name, value) VALUES ('revision', 0)`,
    `CREATE TABLE audit (
      sequence ${bigint} PRIMARY KEY,
      at ${bigint} NOT NULL,
      initiator TEXT NOT NULL,
      action TEXT NOT NULL,
      target TEXT NOT NULL,
      outcome TEXT NOT NULL,
      entry TEXT NOT NULL
    )`,
    'CREATE INDEX audit_at ON audit (at)',
    // The end of the chain, apart from the entries: without it nobody would miss those that were cut off there.
    `CREATE TABLE audit_head (id INTEGER PRIMARY KEY, sequence ${bigint} NOT NULL, hash TEXT NOT NULL)`,
    `CREATE TABLE used (id TEXT PRIMARY KEY, at ${bigint} NOT NULL)`,
    `CREATE TABLE answers (
      key TEXT PRIMARY KEY,
      print TEXT NOT NULL,
      status INTEGER NOT NULL,
      body TEXT NOT NULL,
      at ${bigint} NOT NULL
    )`,
  ],
];

export const SQLITE_MIGRATIONS = migrations({ bigint: 'INTEGER', json: 'TEXT' });
export const POSTGRES_MIGRATIONS = migrations({ bigint: 'BIGINT', json: 'JSONB' });

/** Who opens a store that a newer version has changed must not write to it. */
export function checkSchemaVersion(found: number, known: number): void {
  if (found > known)
    throw new Error(
      `the store has schema version ${found}, and this version of Headgate knows ${known}: update it`,
    );
}
