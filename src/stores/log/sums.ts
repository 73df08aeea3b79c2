// Sums of calls by step, field and value in the database: added to what is there, read as points.
import type { StatCell, StatPoint, StatQuery } from '../../contracts/log-store.ts';
import { addCell, addSumsOf, packCell, unpackCell } from '../../observability/requests/cells.ts';
import { joinedCell } from '../../observability/requests/kept-cell.ts';
import type { SqlValue, SqlWork } from '../sql-driver.ts';
import { insertMany } from './insert.ts';
import { type SumBook, type SumGroup, valuesKey } from './sum-book.ts';
import { marks, placesOf, whereOf } from './sum-places.ts';
import { STEPS } from './sum-steps.ts';

const MAX_VALUES = 32;
const PUT_AT_ONCE = 256;
const NONE: readonly string[] = [];

/** Adds to what is there, some hundred cells at a time. Nobody else writes meanwhile. */
export function* addSums(groups: Iterable<SumGroup>): SqlWork<void> {
  let rows: SqlValue[][] = [];
  for (const { step, dim, start, timed, sums } of groups) {
    const known = yield* knownOf(STEPS[step], dim, start, sums);
    for (const [key, { a, b, cell }] of sums) {
      const before = known.get(key);
      if (before !== undefined) {
        // What is there is added to: `cell` may be counted elsewhere, too.
        if (timed) addCell(before, cell);
        else addSumsOf(before, cell);
      }
      rows.push([STEPS[step], dim, start, a, b, packCell(before ?? cell)]);
    }
    if (rows.length < PUT_AT_ONCE) continue;
    yield* putSums(rows);
    rows = [];
  }
  yield* putSums(rows);
}

const putSums = (rows: readonly SqlValue[][]): SqlWork<void> =>
  insertMany(
    'log_sums',
    ['step', 'dim', 'start', 'a', 'b', 'data'],
    rows,
    'ON CONFLICT (step, dim, start, a, b) DO UPDATE SET data = excluded.data',
  );

function* knownOf(
  step: number,
  dim: string,
  start: number,
  sums: SumGroup['sums'],
): SqlWork<Map<string, StatCell>> {
  const values = [...new Set([...sums.values()].map(({ a }) => a))];
  const known = new Map<string, StatCell>();
  for (let at = 0; at < values.length; at += MAX_VALUES) {
    const part = padded(values.slice(at, at + MAX_VALUES));
    const rows = yield {
      text: `SELECT a, b, data FROM log_sums WHERE step = ? AND dim = ? AND start = ? AND a IN (${marks(part)})`,
      values: [step, dim, start, ...part],
    };
    for (const row of rows) {
      const key = valuesKey(String(row['a']), String(row['b']));
      if (sums.has(key)) known.set(key, unpackCell(String(row['data'])));
    }
  }
  return known;
}

/** To a few lengths, so that there are few statements to prepare. */
function padded(values: readonly string[]): readonly string[] {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array<string>(length - values.length).fill(values[0]!)];
}

/** @param open sums that are not in the database yet */
export function* pointsWork(
  { step, since, until, fields }: StatQuery,
  open: readonly SumBook[],
): SqlWork<readonly StatPoint[]> {
  const where = placesOf(fields);
  const { dim, a, b, swapped } = where;
  const { text, values } = whereOf(STEPS[step], since, until, where);
  const rows = yield {
    text: `SELECT start, a, b, data FROM log_sums WHERE ${text} ORDER BY start`,
    values,
  };
  const point = (start: number, first: string, second: string, cell: string): StatPoint => {
    const values =
      fields.length < 2
        ? fields.length === 0
          ? NONE
          : [first]
        : swapped
          ? [second, first]
          : [first, second];
    return { start, values, cell };
  };
  const points = rows.map((row) =>
    point(Number(row['start']), String(row['a']), String(row['b']), String(row['data'])),
  );
  // Those of the last seconds, to the points they belong to.
  const late = open
    .flatMap((book) => book.groupsOf(step, dim))
    .filter(({ start }) => start >= since && start < until);
  if (late.length === 0) return points;
  const from = Math.min(...late.map(({ start }) => start));
  const places = new Map<string, number>();
  for (const [at, one] of points.entries())
    if (one.start >= from) places.set(`${one.start}\0${one.values.join('\0')}`, at);
  for (const { start, timed, sums } of late) {
    for (const { a: first, b: second, cell } of sums.values()) {
      if (a !== null && !a.includes(first)) continue;
      if (b !== null && !b.includes(second)) continue;
      const own = point(start, first, second, packCell(cell));
      const key = `${start}\0${own.values.join('\0')}`;
      const at = places.get(key);
      if (at !== undefined) points[at] = { ...own, cell: joinedCell(points[at]!.cell, cell, timed) };
      else places.set(key, points.push(own) - 1);
    }
  }
  return points.sort((one, other) => one.start - other.start);
}
