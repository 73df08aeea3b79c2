// Whether ledger, sums and log say the same of one hour: read from the charges themselves, which is what makes it a proof.
import type { HourReport } from '../../contracts/log-store.ts';
import { Tally } from '../../observability/requests/tally.ts';
import { type SqlWork, statement } from '../sql-driver.ts';
import type { SumBook } from './sum-book.ts';
import { pointsWork } from './sums.ts';
import { PLACES_PER_MS } from './write.ts';

const HOUR_MS = 3_600_000;

/** @param start ms since 1970, a whole hour @param open sums that are not in the database yet */
export function* hourReport(start: number, open: readonly SumBook[]): SqlWork<HourReport> {
  const range = [start * PLACES_PER_MS, (start + HOUR_MS) * PLACES_PER_MS] as const;
  const now = 'COALESCE(l.corrected_nano, l.cost_nano)';
  const charged = (yield statement(
    `SELECT count(*) AS charges, sum(${now}) AS cost, sum(CASE WHEN ${now} IS NULL THEN 1 ELSE 0 END) AS unpriced,
       sum(CASE WHEN g.id IS NULL THEN 1 ELSE 0 END) AS rowless,
       sum(CASE WHEN g.id IS NOT NULL AND g.cost_nano IS DISTINCT FROM ${now} THEN 1 ELSE 0 END) AS other
     FROM ledger AS l LEFT JOIN log AS g ON g.id = l.id WHERE l.id >= ? AND l.id < ?`,
    ...range,
  ))[0];
  const uncharged = (yield statement(
    `SELECT count(*) AS n FROM log AS g WHERE g.id >= ? AND g.id < ? AND (g.cost_nano > 0 OR g.unpriced = 1)
       AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.id = g.id)`,
    ...range,
  ))[0];
  // Each correction begins where the one before ended: their differences have to come to what the charge is now.
  const corrected = (yield statement(
    `SELECT sum(CASE WHEN l.corrected_nano IS NULL OR COALESCE(l.cost_nano, 0) + c.difference <> l.corrected_nano THEN 1 ELSE 0 END) AS n
     FROM ledger AS l JOIN (
       SELECT charge, sum(to_nano - COALESCE(from_nano, 0)) AS difference FROM ledger_corrections
       WHERE charge >= ? AND charge < ? GROUP BY charge
     ) AS c ON c.charge = l.id`,
    ...range,
  ))[0];
  const points = yield* pointsWork({ step: 'hour', since: start, until: start + HOUR_MS, fields: [] }, open);
  const summed = new Tally();
  for (const { cell } of points) summed.add(cell, 1, false);
  const number = (name: string): number => Number(charged?.[name] ?? 0);
  return {
    charges: number('charges'),
    costNano: number('cost'),
    unpriced: number('unpriced'),
    summedNano: summed.sum('costNano'),
    summedUnpriced: summed.sum('unpriced'),
    withoutRow: number('rowless'),
    otherCost: number('other'),
    miscorrected: Number(corrected?.['n'] ?? 0),
    withoutCharge: Number(uncharged?.['n'] ?? 0),
  };
}
