// Corrections of charges in the order in which they were made, page by page: for whoever hands them on.
import type { CorrectionPage, CorrectionQuery, LoggedCorrection } from '../../contracts/log-store.ts';
import { type SqlRow, type SqlWork, statement } from '../sql-driver.ts';
import { LEDGER_COLUMNS, ledgerRow } from './columns.ts';

const OWN = ['at', 'job', 'from_nano', 'to_nano', 'price_version'] as const;
/** When it was made, its charge and its job: `next` of a page. */
const CURSOR = /^(\d{1,16})\.(\d{1,16})\.(.{1,64})$/;

export function* correctionPageWork({
  since,
  until,
  cursor,
  limit,
}: CorrectionQuery): SqlWork<CorrectionPage> {
  const [, at = String(since), charge = '-1', job = ''] = CURSOR.exec(cursor ?? '') ?? [];
  const rows = yield statement(
    `SELECT ${OWN.map((name) => `c.${name} AS c_${name}`).join(', ')}, ${LEDGER_COLUMNS.map((name) => `l.${name} AS ${name}`).join(', ')}
     FROM ledger_corrections c JOIN ledger l ON l.id = c.charge
     WHERE (c.at, c.charge, c.job) > (?, ?, ?) AND c.at < ? ORDER BY c.at, c.charge, c.job LIMIT ?`,
    Number(at),
    Number(charge),
    job,
    until,
    limit,
  );
  const corrections = rows.map(correctionOf);
  const last = corrections.at(-1);
  const more = last !== undefined && corrections.length === limit;
  return { rows: corrections, next: more ? `${last.correctedAt}.${last.id}.${last.job}` : null };
}

function correctionOf(row: SqlRow): LoggedCorrection {
  const { id, call, attempt, at, key, keyId, organization, team, user, customer, project, tags, ...rest } =
    ledgerRow(row);
  const { provider, model, upstreamModel } = rest;
  return {
    ...{ id, call, attempt, at, key, keyId, organization, team, user, customer, project, tags },
    ...{ provider, model, upstreamModel },
    correctedAt: Number(row['c_at']),
    job: String(row['c_job']),
    fromNano: row['c_from_nano'] === null ? null : Number(row['c_from_nano']),
    toNano: Number(row['c_to_nano']),
    priceVersion: String(row['c_price_version']),
  };
}
