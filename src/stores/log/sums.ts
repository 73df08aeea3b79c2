// Sums of calls by step, field and value in the database: added to what is there, read as points.
import {
  type LogFacet,
  STAT_PAIRS,
  type StatCell,
  type StatField,
  type StatPoint,
  type StatQuery,
  type StatStep,
} from '../../contracts/log-store.ts';
import { addCell, addSumsOf, emptyCell, packCell, unpackCell } from '../../observability/requests/cells.ts';
import type { SqlValue, SqlWork, Statement } from '../sql-driver.ts';
import { insertMany } from './insert.ts';
import { ALL, type SumBook, type SumGroup, valuesKey } from './sum-book.ts';

/** Numbers that stand for steps. */
export const STEPS: Readonly<Record<StatStep, number>> = { minute: 0, hour: 1, day: 2 };

const PAIRS: ReadonlySet<string> = new Set(STAT_PAIRS.map(([first, second]) => `${first}+${second}`));

const MAX_VALUES = 32;

/** Adds to what is there. Nobody else writes meanwhile. */
export function* addSums(groups: readonly SumGroup[]): SqlWork<void> {
  const rows: SqlValue[][] = [];
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
  }
  yield* insertMany(
    'log_sums',
    ['step', 'dim', 'start', 'a', 'b', 'data'],
    rows,
    'ON CONFLICT (step, dim, start, a, b) DO UPDATE SET data = excluded.data',
  );
}

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

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

function whereOf(step: StatStep, since: number, until: number, { dim, a, b }: Places): Statement {
  const terms = ['step = ?', 'dim = ?', 'start >= ?', 'start < ?'];
  const values: SqlValue[] = [STEPS[step], dim, since, until];
  for (const [column, wanted] of [
    ['a', a],
    ['b', b],
  ] as const) {
    if (wanted === null) continue;
    terms.push(`${column} IN (${marks(wanted)})`);
    values.push(...wanted);
  }
  return { text: terms.join(' AND '), values };
}

/**
 * Calls by value of the first field. Of each cell only its first number is read: there are many, and the rest is histograms.
 * @param open as below
 */
export function* countsWork(
  { step, since, until, fields }: StatQuery,
  open: readonly SumBook[],
): SqlWork<ReadonlyMap<string, number>> {
  const places = placesOf(fields);
  const { dim, a, b, swapped } = places;
  const { text, values } = whereOf(step, since, until, places);
  const counts = new Map<string, number>();
  const add = (first: string, second: string, requests: number): void => {
    const value = swapped ? second : first;
    counts.set(value, (counts.get(value) ?? 0) + requests);
  };
  // `[[12,…`: as packCell writes it.
  const rows = yield {
    text: `SELECT a, b, substr(data, 3, 16) AS head FROM log_sums WHERE ${text}`,
    values,
  };
  for (const row of rows)
    add(String(row['a']), String(row['b']), Number.parseInt(String(row['head']), 10) || 0);
  for (const { start, sums } of open.flatMap((book) => book.groupsOf(step, dim))) {
    if (start < since || start >= until) continue;
    for (const { a: first, b: second, cell } of sums.values())
      if ((a === null || a.includes(first)) && (b === null || b.includes(second)))
        add(first, second, cell.requests);
  }
  return counts;
}

/** @param open sums that are not in the database yet */
export function* pointsWork(
  { step, since, until, fields }: StatQuery,
  open: readonly SumBook[],
): SqlWork<readonly StatPoint[]> {
  const places = placesOf(fields);
  const { dim, a, b, swapped } = places;
  const { text, values } = whereOf(step, since, until, places);
  const rows = yield {
    text: `SELECT start, a, b, data FROM log_sums WHERE ${text} ORDER BY start`,
    values,
  };
  const point = (start: number, first: string, second: string, cell: StatCell): StatPoint => {
    const all = swapped ? [second, first] : [first, second];
    return { start, values: all.slice(0, fields.length), cell };
  };
  const points = rows.map((row) =>
    point(Number(row['start']), String(row['a']), String(row['b']), unpackCell(String(row['data']))),
  );
  // Those of the last seconds, to the points they belong to.
  const late = open
    .flatMap((book) => book.groupsOf(step, dim))
    .filter(({ start }) => start >= since && start < until);
  if (late.length === 0) return points;
  const known = new Map(points.map((one) => [`${one.start}\0${one.values.join('\0')}`, one]));
  for (const { start, timed, sums } of late) {
    for (const { a: first, b: second, cell } of sums.values()) {
      if (a !== null && !a.includes(first)) continue;
      if (b !== null && !b.includes(second)) continue;
      const own = point(start, first, second, emptyCell(timed));
      const key = `${start}\0${own.values.join('\0')}`;
      const found = known.get(key) ?? own;
      if (found === own) {
        known.set(key, own);
        points.push(own);
      }
      if (timed) addCell(found.cell, cell);
      else addSumsOf(found.cell, cell);
    }
  }
  return points.sort((one, other) => one.start - other.start);
}

interface Places {
  readonly dim: string;
  readonly a: readonly string[] | null;
  readonly b: readonly string[] | null;
  /** The fields were asked for in the other order. */
  readonly swapped: boolean;
}

/** @throws Error when no sums are kept of both: whoever asks has to know. */
function placesOf(fields: readonly StatField[]): Places {
  const [first, second] = fields;
  if (first === undefined) return { dim: ALL, a: null, b: null, swapped: false };
  if (second === undefined) return { dim: first.field, a: first.values, b: null, swapped: false };
  const dim = (one: LogFacet, other: LogFacet): string => `${one}+${other}`;
  if (PAIRS.has(dim(first.field, second.field)))
    return { dim: dim(first.field, second.field), a: first.values, b: second.values, swapped: false };
  if (PAIRS.has(dim(second.field, first.field)))
    return { dim: dim(second.field, first.field), a: second.values, b: first.values, swapped: true };
  throw new Error(`no sums of ${first.field} by ${second.field}`);
}
