// Blocks of four weeks: what their days come to, without histograms, so that a year by thousands of users is thirteen numbers each.
// Nobody writes them with the rows. They are made of days that are over (gatehouse/ingest/block-builder.ts), and one is read only while
// it says of all calls what its days say: after an older version wrote on, or charges of old days were recalculated, it is not, until
// it is made anew.
import { HISTOGRAMS } from '../../observability/requests/cells.ts';
import { HEAD, headOf } from '../../observability/requests/kept-cell.ts';
import { type SqlValue, type SqlWork, statement } from '../sql-driver.ts';
import { insertMany } from './insert.ts';
import { ALL } from './sum-book.ts';
import { BLOCK, BLOCK_MS, STEPS } from './sum-steps.ts';

/** Sums of one pair of values. */
export interface BlockSum {
  readonly a: string;
  readonly b: string;
  readonly sums: Sums;
}

/** In the order of SUMS. */
export type Sums = readonly number[];

/** Starts of the blocks that say what their days say. @param since, until whole blocks, ms since 1970 */
export function* soundBlocks(since: number, until: number): SqlWork<ReadonlySet<number>> {
  const days = yield* daysOf(since, until);
  const blocks = yield* sumsOf(BLOCK, since, until);
  return new Set([...blocks].filter(([start, sums]) => same(sums, days.get(start))).map(([start]) => start));
}

/** Blocks that are not there, or do not say what their days say, with what these come to. */
export function* unsoundBlocks(since: number, until: number): SqlWork<ReadonlyMap<number, Sums>> {
  const days = yield* daysOf(since, until);
  const blocks = yield* sumsOf(BLOCK, since, until);
  return new Map([...days].filter(([start, sums]) => !same(sums, blocks.get(start))));
}

/** What the days of each block come to, all calls together. */
function* daysOf(since: number, until: number): SqlWork<ReadonlyMap<number, Sums>> {
  const blocks = new Map<number, number[]>();
  for (const [start, sums] of yield* sumsOf(STEPS.day, since, until)) {
    const block = Math.floor(start / BLOCK_MS) * BLOCK_MS;
    const own = blocks.get(block);
    if (own === undefined) blocks.set(block, [...sums]);
    else addTo(own, sums);
  }
  return blocks;
}

function* sumsOf(step: number, since: number, until: number): SqlWork<ReadonlyMap<number, Sums>> {
  const rows = yield statement(
    `SELECT start, ${HEAD} AS head FROM log_sums WHERE step = ? AND dim = ? AND start >= ? AND start < ?`,
    step,
    ALL,
    since,
    until,
  );
  return new Map(rows.map((row) => [Number(row['start']), headOf(String(row['head']))]));
}

/** A cell of a day. */
export interface DaySum extends BlockSum {
  readonly start: number;
}

/** Cells of one dimension in the days of a block, behind `after`: by day and values, as they lie. */
export function* daysPage(
  dim: string,
  block: number,
  after: DaySum | null,
  count: number,
): SqlWork<readonly DaySum[]> {
  const values: SqlValue[] = [STEPS.day, dim, after?.start ?? block, block + BLOCK_MS];
  if (after !== null) values.push(after.start, after.a, after.b);
  const rows = yield {
    text: `SELECT start, a, b, ${HEAD} AS head FROM log_sums
      WHERE step = ? AND dim = ? AND start >= ? AND start < ? ${after === null ? '' : 'AND (start, a, b) > (?, ?, ?)'}
      ORDER BY start, a, b LIMIT ${count}`,
    values,
  };
  return rows.map((row) => ({
    start: Number(row['start']),
    a: String(row['a']),
    b: String(row['b']),
    sums: headOf(String(row['head'])),
  }));
}

/** @param start of the block */
export function* putBlockSums(dim: string, start: number, sums: readonly BlockSum[]): SqlWork<void> {
  yield* insertMany(
    'log_sums',
    ['step', 'dim', 'start', 'a', 'b', 'data'],
    sums.map(({ a, b, sums: own }) => [BLOCK, dim, start, a, b, JSON.stringify([own, ...NO_HISTOGRAMS])]),
    'ON CONFLICT (step, dim, start, a, b) DO UPDATE SET data = excluded.data',
  );
}

const NO_HISTOGRAMS: readonly [][] = HISTOGRAMS.map(() => []);

/** The last thing written of a block, by which it is sound. @param sums what its days came to when it was begun @returns false: they changed */
export function* sealBlock(start: number, sums: Sums): SqlWork<boolean> {
  const days = (yield* daysOf(start, start + BLOCK_MS)).get(start);
  if (!same(sums, days)) return false;
  yield* putBlockSums(ALL, start, [{ a: '', b: '', sums: [...sums] }]);
  return true;
}

export function addTo(to: number[], from: Sums): void {
  for (const [at, value] of from.entries()) to[at] = (to[at] ?? 0) + value;
}

function same(one: Sums, other: Sums | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((value, at) => value === other[at]);
}
