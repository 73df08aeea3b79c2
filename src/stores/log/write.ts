// What a spool file said, written as one: rows, their tags, charges, bodies, and how far the file was read. Sums follow (open-sums.ts).
import type { KeptBody, LoggedRow } from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import { isCharged } from '../../observability/requests/cells.ts';
import { deedOf, isPassed } from '../../observability/requests/list-facets.ts';
import { type SqlValue, type SqlWork, statement } from '../sql-driver.ts';
import { LEDGER_COLUMNS, LOG_COLUMNS, ledgerValues, logValues } from './columns.ts';
import { insertMany } from './insert.ts';
import { putUntold, type Untold } from './untold.ts';

/** Places in the log for each millisecond: a row's number is its time and a place. */
export const PLACES_PER_MS = 1_024;
/** Longest span of rows in which taken places are looked for at once. */
const SPAN_MS = 10_000;

/** How far behind the last of them rows may have gone on for want of places. */
const MORE_MS = 64;

export interface SpoolBatch {
  /** Name of the file. */
  readonly file: string;
  /** Where the batch begins in it, and where it ends. */
  readonly from: number;
  readonly to: number;
  readonly rows: readonly LogRow[];
  readonly bodies: readonly KeptBody[];
}

/** Nothing is written where somebody else read the file, too. */
export type BatchResult =
  | { readonly written: true; readonly rows: readonly LoggedRow[] }
  | { readonly written: false };

/** @param summed how far sums of the file are written @param untold who is to be told of which */
export function* writeBatch(
  { file, from, to, rows, bodies }: SpoolBatch,
  summed: number,
  untold: (rows: readonly LoggedRow[]) => readonly Untold[] = () => [],
): SqlWork<BatchResult> {
  const found = (yield statement('SELECT place, summed FROM log_files WHERE name = ?', file))[0];
  if (Number(found?.['place'] ?? 0) !== from || Number(found?.['summed'] ?? 0) !== summed)
    return { written: false };
  const logged = yield* insertRows(rows);
  yield* putUntold(untold(logged));
  yield* insertMany(
    'log_bodies',
    ['call', 'kind', 'at', 'bytes', 'truncated', 'sha256', 'encoding', 'body'],
    bodies.map(({ call, kind, at: when, bytes, truncated, sha256, encoding, text }) => [
      call,
      kind,
      when,
      bytes,
      truncated ? 1 : 0,
      sha256,
      encoding,
      text,
    ]),
    // Two calls of one id, which their client chose: the first is kept.
    'ON CONFLICT (call, kind) DO NOTHING',
  );
  yield statement(
    'INSERT INTO log_files (name, place, summed) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET place = excluded.place',
    file,
    to,
    summed,
  );
  return { written: true, rows: logged };
}

/** Rows, their tags and their charges; @returns them with their places. */
export function* insertRows(rows: readonly LogRow[]): SqlWork<LoggedRow[]> {
  const logged = yield* placed(rows);
  yield* insertMany(
    'log',
    LOG_COLUMNS,
    logged.map((row) => logValues(row.id, row)),
  );
  yield* insertMany(
    'log_tags',
    ['tag', 'id'],
    logged.flatMap((row) => [...new Set(row.tags)].map((tag) => [tag, row.id])),
  );
  yield* insertMany(
    'log_guardrails',
    ['deed', 'id'],
    logged.flatMap(({ id, guardrails }) => deedsAt(id, guardrails)),
  );
  yield* insertMany(
    'ledger',
    LEDGER_COLUMNS,
    logged.filter(isCharged).map((row) => ledgerValues(row.id, row)),
  );
  return logged;
}

function deedsAt(id: number, guardrails: LoggedRow['guardrails']): SqlValue[][] {
  if (guardrails.length === 0) return [];
  return [...new Set(guardrails.map(deedOf))].filter((deed) => !isPassed(deed)).map((deed) => [deed, id]);
}

/** Rows with their numbers: behind all that were written in the same millisecond. */
function* placed(rows: readonly LogRow[]): SqlWork<LoggedRow[]> {
  if (rows.length === 0) return [];
  const taken = new Map<number, number>();
  const times = [...new Set(rows.map(({ at }) => at))].sort((one, other) => one - other);
  const [first, last] = [times[0]!, times.at(-1)!];
  // A clock that jumped would make one question of years.
  const spans = last - first <= SPAN_MS ? [[first, last] as const] : times.map((at) => [at, at] as const);
  for (const [from, to] of spans) {
    const found = yield statement(
      `SELECT id / ${PLACES_PER_MS} AS ms, max(id) AS top FROM log WHERE id >= ? AND id < ? GROUP BY id / ${PLACES_PER_MS}`,
      from * PLACES_PER_MS,
      (to + MORE_MS) * PLACES_PER_MS,
    );
    for (const row of found) taken.set(Number(row['ms']), Number(row['top']));
  }
  return rows.map((row) => {
    let ms = row.at;
    let id = (taken.get(ms) ?? ms * PLACES_PER_MS - 1) + 1;
    // More than there are places for: on into the next millisecond.
    while (id >= (ms + 1) * PLACES_PER_MS) {
      ms += 1;
      id = (taken.get(ms) ?? ms * PLACES_PER_MS - 1) + 1;
    }
    taken.set(ms, id);
    return { ...row, id };
  });
}
