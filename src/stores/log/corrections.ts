// Charges at other prices: what was charged stays as it was made, each correction stands behind it, and the log's rows and all sums
// follow in the same commit, with how far the job is. A process that dies anywhere leaves nothing half done.
import type {
  ChargeQuery,
  Correction,
  CorrectionBatch,
  LedgerRow,
  LoggedRow,
} from '../../contracts/log-store.ts';
import { emptyCell } from '../../observability/requests/cells.ts';
import { type SqlRow, type SqlWork, statement } from '../sql-driver.ts';
import { COST_NOW, LEDGER_COLUMNS, LOG_COLUMNS, ledgerRow, loggedRow, logValues } from './columns.ts';
import { insertMany } from './insert.ts';
import { putJobWork } from './jobs.ts';
import { ALL, SumBook, type SumGroup } from './sum-book.ts';
import { BLOCK, BLOCK_MS } from './sum-steps.ts';
import { addSums } from './sums.ts';
import { PLACES_PER_MS } from './write.ts';

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Charges of a window behind one of them, oldest first; as they are now, without their corrections. */
export function* chargesWork({ since, until, after, limit }: ChargeQuery): SqlWork<readonly LedgerRow[]> {
  const rows = yield statement(
    `SELECT ${LEDGER_COLUMNS.join(', ')} FROM ledger WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`,
    after === null ? since * PLACES_PER_MS : Math.max(since * PLACES_PER_MS, after + 1),
    until * PLACES_PER_MS,
    limit,
  );
  return rows.map(ledgerRow);
}

/** Rows of the ledger with the corrections that stand behind them. */
export function* withCorrections(rows: readonly SqlRow[]): SqlWork<LedgerRow[]> {
  const charges = rows.map(ledgerRow);
  const ids = charges.filter(({ recalculatedAt }) => recalculatedAt !== null).map(({ id }) => id);
  if (ids.length === 0) return charges;
  const found = yield {
    text: `SELECT charge, job, at, from_nano, to_nano, price_version FROM ledger_corrections
       WHERE charge IN (${marks(ids)}) ORDER BY charge, at, job`,
    values: ids,
  };
  const by = new Map<number, Correction[]>();
  for (const row of found) {
    const id = Number(row['charge']);
    let own = by.get(id);
    if (own === undefined) by.set(id, (own = []));
    own.push({
      at: Number(row['at']),
      job: String(row['job']),
      fromNano: row['from_nano'] === null ? null : Number(row['from_nano']),
      toNano: Number(row['to_nano']),
      priceVersion: String(row['price_version']),
    });
  }
  return charges.map((charge) => ({ ...charge, corrections: by.get(charge.id) ?? [] }));
}

/** @returns false, and nothing is written: somebody else changed the job, or one of the charges, since they were read. */
export function* correctWork(batch: CorrectionBatch): SqlWork<boolean> {
  const { job, before, at, corrections } = batch;
  const ids = corrections.map(({ charge }) => charge.id);
  if (ids.length > 0) {
    const found = yield {
      text: `SELECT id, ${COST_NOW} AS cost FROM ledger WHERE id IN (${marks(ids)})`,
      values: ids,
    };
    const costs = new Map(found.map((row) => [Number(row['id']), row['cost']]));
    for (const { charge } of corrections) {
      const cost = costs.get(charge.id);
      if (cost === undefined || (cost === null ? null : Number(cost)) !== charge.costNano) return false;
    }
  }
  if (!(yield* putJobWork(job, before))) return false;
  if (ids.length === 0) return true;
  yield* insertMany(
    'ledger_corrections',
    ['charge', 'job', 'at', 'from_nano', 'to_nano', 'price_version'],
    corrections.map(({ charge, toNano, priceVersion }) => [
      charge.id,
      job.id,
      at,
      charge.costNano,
      toNano,
      priceVersion,
    ]),
  );
  for (const { charge, toNano, priceVersion } of corrections)
    yield statement(
      'UPDATE ledger SET corrected_nano = ?, corrected_version = ?, recalculated_at = ? WHERE id = ?',
      toNano,
      priceVersion,
      at,
      charge.id,
    );
  const logged = yield* correctRows(batch, ids);
  yield* addSums(sumsOf(batch, logged));
  // Made anew of days that say something else now, even where it comes to the same for all together.
  for (const start of new Set(corrections.map(({ charge }) => Math.floor(charge.at / BLOCK_MS) * BLOCK_MS)))
    yield statement('DELETE FROM log_sums WHERE step = ? AND dim = ? AND start = ?', BLOCK, ALL, start);
  return true;
}

/** Rows of the log say what the ledger says. @returns those that are there, as they were, by number */
function* correctRows(
  { corrections }: CorrectionBatch,
  ids: readonly number[],
): SqlWork<ReadonlyMap<number, LoggedRow>> {
  const found = yield {
    text: `SELECT ${LOG_COLUMNS.join(', ')} FROM log WHERE id IN (${marks(ids)})`,
    values: ids,
  };
  const rows = new Map(found.map((row) => [Number(row['id']), loggedRow(row)]));
  for (const { charge, toNano, priceVersion } of corrections) {
    const row = rows.get(charge.id);
    if (row === undefined) continue;
    const data = logValues(row.id, { ...row, costNano: toNano, priceVersion }).at(-1)!;
    yield statement(
      'UPDATE log SET cost_nano = ?, unpriced = 0, data = ? WHERE id = ?',
      toNano,
      data,
      row.id,
    );
  }
  return rows;
}

/** What is added to sums; of a charge whose row is gone to those that the charge itself names. */
function sumsOf(
  { corrections, minutesFrom, hoursFrom }: CorrectionBatch,
  rows: ReadonlyMap<number, LoggedRow>,
): Iterable<SumGroup> {
  const book = new SumBook();
  for (const { charge, toNano } of corrections) {
    const cell = emptyCell(false);
    cell.costNano = toNano - (charge.costNano ?? 0);
    cell.unpriced = charge.costNano === null ? -1 : 0;
    book.addCell(rows.get(charge.id) ?? charge, cell);
  }
  return book
    .groups()
    .filter(({ step, start }) => step === 'day' || start >= (step === 'minute' ? minutesFrom : hoursFrom));
}
