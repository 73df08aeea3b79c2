// Forgetting what is old, a little at a time: each step is one short write.
import type { SqlValue, SqlWork } from '../sql-driver.ts';
import { statement } from '../sql-driver.ts';
import { DIMENSIONS } from './sum-book.ts';
import { BLOCK, STEP_WIDTHS_MS, STEPS } from './sum-steps.ts';
import { PLACES_PER_MS } from './write.ts';

/** From before when, ms since 1970. */
export interface Bounds {
  readonly rows: number;
  readonly bodies: number;
  /** Charges, and sums of days. */
  readonly ledger: number;
  readonly minutes: number;
  readonly hours: number;
}

/** Deletes at most `count` rows of one table; how many it were. */
export type Forgetting = (count: number) => SqlWork<number>;

/** What there is to forget, table by table. */
export function forgettings({ rows, bodies, ledger, minutes, hours }: Bounds): Forgetting[] {
  return [
    (count) => deleteSome('log_tags', 'id', 'id < ?', [rows * PLACES_PER_MS], count, 'tag, id'),
    (count) => deleteSome('log_guardrails', 'id', 'id < ?', [rows * PLACES_PER_MS], count, 'deed, id'),
    (count) => deleteSome('log', 'id', 'id < ?', [rows * PLACES_PER_MS], count),
    (count) => deleteSome('log_untold', 'id', 'id < ?', [rows * PLACES_PER_MS], count, 'sink, id'),
    (count) => deleteSome('ledger', 'id', 'id < ?', [ledger * PLACES_PER_MS], count),
    (count) =>
      deleteSome(
        'ledger_corrections',
        'charge',
        'charge < ?',
        [ledger * PLACES_PER_MS],
        count,
        'charge, job',
      ),
    (count) => deleteSome('edge_events', 'at', 'at < ?', [rows], count, 'device, place'),
    (count) => deleteSome('log_bodies', 'at', 'at < ?', [bodies], count, 'call, kind'),
    ...DIMENSIONS.flatMap((dim) =>
      [...Object.values(STEPS), BLOCK].map((step): Forgetting => {
        // What is read as something wider must not be there for longer than that is.
        const bound = step === STEPS.minute ? minutes : step === STEPS.hour ? hours : 0;
        const before = Math.max(bound, ledger) - STEP_WIDTHS_MS[step]! + 1;
        const key = 'step, dim, start, a, b';
        return (count) =>
          deleteSome(
            'log_sums',
            'start',
            'step = ? AND dim = ? AND start < ?',
            [step, dim, before],
            count,
            key,
          );
      }),
    ),
  ];
}

function* deleteSome(
  table: string,
  order: string,
  where: string,
  values: readonly SqlValue[],
  count: number,
  key = 'id',
): SqlWork<number> {
  const rows = yield statement(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ${count}) RETURNING 1 AS one`,
    ...values,
  );
  return rows.length;
}
