// Questions in PostgreSQL with pgvector. The rows of one partition are few: they are found by a plain index and compared one by one, so
// that a search is exact and none is missed, as an approximate index with a filter behind it would.
import type { Candidate, VectorsConfig, VectorStore } from '../contracts/vectors.ts';
import { openPostgres } from '../stores/postgres.ts';
import type { Shape } from '../stores/shape.ts';
import { statement } from '../stores/sql-driver.ts';

const LOCK = 7_306_117;

export function createPgvector({
  url,
  collection,
  timeoutMs,
}: Pick<VectorsConfig, 'url' | 'collection' | 'timeoutMs'>): VectorStore {
  const driver = openPostgres(url, shapeOf(collection, timeoutMs));
  return {
    search: ({ partition, vector, least, count, nowMs }) =>
      driver.read(function* () {
        // First those of the partition alone: vectors of two lengths cannot be compared at all.
        const rows = yield statement(
          `WITH part AS MATERIALIZED (
             SELECT id, question, vector FROM ${collection} WHERE partition = ? AND until_ms > ?
           ), near AS (
             SELECT id, question, 1 - (vector <=> ?::vector) AS similarity FROM part
           )
           SELECT * FROM near WHERE similarity >= ? ORDER BY similarity DESC LIMIT ?`,
          nameOf(partition, vector),
          Math.floor(nowMs),
          textOf(vector),
          least,
          count,
        );
        return rows.map(
          (row): Candidate => ({
            row: { id: String(row['id']), text: String(row['question']) },
            similarity: Number(row['similarity']),
          }),
        );
      }),
    add: ({ id, partition, text, untilMs, vector }) =>
      driver.read(function* () {
        yield statement(
          `INSERT INTO ${collection} (id, partition, question, until_ms, vector) VALUES (?, ?, ?, ?, ?::vector)
           ON CONFLICT (id) DO UPDATE SET partition = excluded.partition, question = excluded.question,
             until_ms = excluded.until_ms, vector = excluded.vector`,
          id,
          nameOf(partition, vector),
          text,
          Math.floor(untilMs),
          textOf(vector),
        );
      }),
    remove: (id) =>
      driver.read(function* () {
        yield statement(`DELETE FROM ${collection} WHERE id = ?`, id);
      }),
    sweep: (nowMs) =>
      driver.read(function* () {
        yield statement(`DELETE FROM ${collection} WHERE until_ms <= ?`, Math.floor(nowMs));
      }),
    close: () => driver.close(),
  };
}

function nameOf(partition: string, { length }: Float32Array): string {
  return `${length} ${partition}`;
}

/** As pgvector reads it. */
function textOf(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}

function shapeOf(collection: string, answerMs: number): Shape {
  return {
    sqlite: [],
    postgres: [
      [
        'CREATE EXTENSION IF NOT EXISTS vector',
        `CREATE TABLE ${collection} (
           id TEXT PRIMARY KEY, partition TEXT NOT NULL, question TEXT NOT NULL, until_ms BIGINT NOT NULL,
           vector vector NOT NULL
         )`,
        `CREATE INDEX ${collection}_partition ON ${collection} (partition)`,
        `CREATE INDEX ${collection}_until ON ${collection} (until_ms)`,
      ],
    ],
    versionTable: `${collection}_version`,
    lock: LOCK,
    cacheKiB: 0,
    answerMs,
  };
}
