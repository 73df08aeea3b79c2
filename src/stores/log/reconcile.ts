// Whether ledger, sums and log say the same of one hour: read from the charges themselves, which is what makes it a proof.
import type { HourReport } from '../../contracts/log-store.ts';
import { type SqlWork, statement } from '../sql-driver.ts';
import type { SumBook } from './sum-book.ts';
import { pointsWork } from './sums.ts';
import { PLACES_PER_MS } from './write.ts';

const HOUR_MS = 3_600_000;

/** @param start ms since 1970, a whole hour @param open sums that are not in the database yet */
export function* hourReport(start: number, open: readonly SumBook[]): SqlWork<HourReport> {
  const range = [start * PLACES_PER_MS, (start + HOUR_MS) * PLACES_PER_MS] as const;
  const charged = (yield statement(
    `SELECT count(*) AS charges, sum(l.cost_nano) AS cost, sum(l.unpriced) AS unpriced,
       sum(CASE WHEN g.id IS NULL THEN 1 ELSE 0 END) AS rowless,
       sum(CASE WHEN g.id IS NOT NULL AND g.cost_nano IS DISTINCT FROM l.cost_nano THEN 1 ELSE 0 END) AS other
     FROM ledger AS l LEFT JOIN log AS g ON g.id = l.id WHERE l.id >= ? AND l.id < ?`,
    ...range,
  ))[0];
  const uncharged = (yield statement(
    `SELECT count(*) AS n FROM log AS g WHERE g.id >= ? AND g.id < ? AND (g.cost_nano > 0 OR g.unpriced = 1)
       AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.id = g.id)`,
    ...range,
  ))[0];
  const points = yield* pointsWork({ step: 'hour', since: start, until: start + HOUR_MS, fields: [] }, open);
  const number = (name: string): number => Number(charged?.[name] ?? 0);
  return {
    charges: number('charges'),
    costNano: number('cost'),
    unpriced: number('unpriced'),
    summedNano: points.reduce((sum, { cell }) => sum + cell.costNano, 0),
    summedUnpriced: points.reduce((sum, { cell }) => sum + cell.unpriced, 0),
    withoutRow: number('rowless'),
    otherCost: number('other'),
    withoutCharge: Number(uncharged?.['n'] ?? 0),
  };
}
