// The tables of the request log, in a file of their own beside the store, or in the same PostgreSQL: what is many rows and
// much writing shares neither lock nor copies with what people manage. Steps as in ../migrations.ts.
import type { Migrations } from '../migrations.ts';
import type { Shape } from '../shape.ts';
import { CHARGE_FIELDS, TEXTS } from './columns.ts';

interface Types {
  readonly bigint: string;
  readonly real: string;
  /** A row's number, by which all rows are in order of time. */
  readonly id: string;
  /** What an index needs behind its own column to be in that order: SQLite's have it anyway. */
  readonly order: string;
  readonly clustered: string;
}

/** Columns that few rows have a value of, or most have the same: the index holds the others. */
const SPARSE: Readonly<Record<string, string>> = {
  session: `session <> ''`,
  parent: `parent <> ''`,
  organization: `organization <> ''`,
  team: `team <> ''`,
  user_name: `user_name <> ''`,
  customer: `customer <> ''`,
  project: `project <> ''`,
  outcome: `outcome <> 'ok'`,
  error_type: `error_type <> ''`,
  owner: `owner <> ''`,
  cache: `cache <> ''`,
};

const migrations = ({ bigint, real, id, order, clustered }: Types): Migrations => [
  [
    `CREATE TABLE log (
      id ${id},
      at ${bigint} NOT NULL,
      attempt INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      final INTEGER NOT NULL,
      stream INTEGER NOT NULL,
      status INTEGER NOT NULL,
      unpriced INTEGER NOT NULL,
      cost_nano ${bigint},
      total_ms ${real} NOT NULL,
      ttft_ms ${real},
      tokens ${bigint},
      ${Object.values(TEXTS)
        .map((column) => `${column} TEXT NOT NULL`)
        .join(', ')},
      data TEXT NOT NULL
    )`,
    ...Object.values(TEXTS).map(
      (column) =>
        `CREATE INDEX log_${column} ON log (${column}${order})${SPARSE[column] === undefined ? '' : ` WHERE ${SPARSE[column]}`}`,
    ),
    `CREATE INDEX log_status ON log (status${order}) WHERE status <> 200`,
    `CREATE INDEX log_unpriced ON log (unpriced${order}) WHERE unpriced = 1`,
    `CREATE TABLE log_tags (tag TEXT NOT NULL, id ${bigint} NOT NULL, PRIMARY KEY (tag, id))${clustered}`,
    'CREATE INDEX log_tags_id ON log_tags (id)',
    `CREATE TABLE ledger (
      id ${id},
      at ${bigint} NOT NULL,
      attempt INTEGER NOT NULL,
      cost_nano ${bigint},
      unpriced INTEGER NOT NULL,
      price_version TEXT NOT NULL,
      recalculated_at ${bigint},
      tokens ${bigint} NOT NULL,
      ${chargeColumns()
        .map((column) => `${column} TEXT NOT NULL`)
        .join(', ')},
      data TEXT NOT NULL
    )`,
    ...chargeColumns().map(
      (column) =>
        `CREATE INDEX ledger_${column} ON ledger (${column}${order})${SPARSE[column] === undefined ? '' : ` WHERE ${SPARSE[column]}`}`,
    ),
    `CREATE INDEX ledger_unpriced ON ledger (unpriced${order}) WHERE unpriced = 1`,
    `CREATE TABLE log_sums (
      step INTEGER NOT NULL,
      dim TEXT NOT NULL,
      start ${bigint} NOT NULL,
      a TEXT NOT NULL,
      b TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (step, dim, start, a, b)
    )${clustered}`,
    'CREATE INDEX log_sums_a ON log_sums (step, dim, a, start)',
    `CREATE INDEX log_sums_b ON log_sums (step, dim, b, start) WHERE b <> ''`,
    `CREATE TABLE log_bodies (
      call TEXT NOT NULL,
      kind TEXT NOT NULL,
      at ${bigint} NOT NULL,
      bytes ${bigint} NOT NULL,
      truncated INTEGER NOT NULL,
      sha256 TEXT NOT NULL,
      encoding TEXT NOT NULL,
      body TEXT NOT NULL,
      PRIMARY KEY (call, kind)
    )`,
    'CREATE INDEX log_bodies_at ON log_bodies (at)',
    // How far each file of a spool was read: written with its rows, so that none is there twice and none is missing.
    `CREATE TABLE log_files (name TEXT PRIMARY KEY, place ${bigint} NOT NULL)`,
    `CREATE TABLE log_jobs (
      id TEXT PRIMARY KEY,
      kind TEXT NOT NULL,
      done INTEGER NOT NULL,
      updated_at ${bigint} NOT NULL,
      state TEXT NOT NULL
    )`,
  ],
  [
    // Until then sums were written with their rows.
    `ALTER TABLE log_files ADD COLUMN summed ${bigint} NOT NULL DEFAULT 0`,
    'UPDATE log_files SET summed = place',
  ],
  [
    `CREATE TABLE edge_events (
      device TEXT NOT NULL,
      place ${bigint} NOT NULL,
      at ${bigint} NOT NULL,
      outcome TEXT NOT NULL,
      data TEXT NOT NULL,
      PRIMARY KEY (device, place)
    )`,
    'CREATE INDEX edge_events_at ON edge_events (at, place, device)',
    'CREATE INDEX edge_events_of ON edge_events (device, at, place)',
    `CREATE TABLE edge_places (device TEXT PRIMARY KEY, place ${bigint} NOT NULL)`,
  ],
  [
    // Rows that a receiver is still to be told of: written with them, so that none is forgotten whatever dies.
    `CREATE TABLE log_untold (sink TEXT NOT NULL, id ${bigint} NOT NULL, PRIMARY KEY (sink, id))${clustered}`,
    'CREATE INDEX log_untold_id ON log_untold (id)',
  ],
  [
    // What a charge comes to since a price was mended: it stays as it was made, and so does each correction.
    `ALTER TABLE ledger ADD COLUMN corrected_nano ${bigint}`,
    'ALTER TABLE ledger ADD COLUMN corrected_version TEXT',
    `CREATE TABLE ledger_corrections (
      charge ${bigint} NOT NULL,
      job TEXT NOT NULL,
      at ${bigint} NOT NULL,
      from_nano ${bigint},
      to_nano ${bigint} NOT NULL,
      price_version TEXT NOT NULL,
      PRIMARY KEY (charge, job)
    )${clustered}`,
  ],
  // What was corrected is handed to storage in the order in which it was.
  ['CREATE INDEX ledger_corrections_at ON ledger_corrections (at, charge, job)'],
  [
    // What guardrails did, beyond looking: rare rows, and the ones that are looked for.
    `CREATE TABLE log_guardrails (deed TEXT NOT NULL, id ${bigint} NOT NULL, PRIMARY KEY (deed, id))${clustered}`,
    'CREATE INDEX log_guardrails_id ON log_guardrails (id)',
  ],
];

function chargeColumns(): string[] {
  return CHARGE_FIELDS.flatMap((field) => (field in TEXTS ? TEXTS[field as keyof typeof TEXTS] : []));
}

export const LOG_SHAPE: Shape = {
  sqlite: migrations({
    bigint: 'INTEGER',
    real: 'REAL',
    id: 'INTEGER PRIMARY KEY',
    order: '',
    clustered: ' WITHOUT ROWID',
  }),
  postgres: migrations({
    bigint: 'BIGINT',
    real: 'DOUBLE PRECISION',
    id: 'BIGINT PRIMARY KEY',
    order: ', id',
    clustered: '',
  }),
  versionTable: 'headgate_log_schema',
  lock: 7_306_095,
  cacheKiB: 32_000,
  // Sums of thousands of rows are written as one, in some hundred statements.
  answerMs: 15_000,
};
