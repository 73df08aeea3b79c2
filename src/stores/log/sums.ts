// Sums of calls by step, field and value: made of rows as they are written, added to what is there, read as points.
import {
  LOG_FACETS,
  type LogFacet,
  STAT_PAIRS,
  STAT_TIMED,
  STEP_MS,
  type StatCell,
  type StatField,
  type StatPoint,
  type StatQuery,
  type StatStep,
} from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import {
  addCell,
  addRow,
  addSumsOf,
  emptyCell,
  packCell,
  unpackCell,
} from '../../observability/requests/cells.ts';
import type { SqlValue, SqlWork } from '../sql-driver.ts';
import { insertMany } from './insert.ts';

/** Numbers that stand for steps. */
export const STEPS: Readonly<Record<StatStep, number>> = { minute: 0, hour: 1, day: 2 };
const STEP_NAMES = Object.keys(STEPS) as StatStep[];

const NAMED_PAIRS = STAT_PAIRS.map(([first, second]) => [`${first}+${second}`, first, second] as const);
/** All calls. */
const ALL = '';

/** Every dimension there are sums of. */
export const DIMENSIONS: readonly string[] = [ALL, ...LOG_FACETS, ...NAMED_PAIRS.map(([dim]) => dim)];

/** Dimensions that percentiles are asked of. */
const TIMED: ReadonlySet<string> = new Set<string>([ALL, ...STAT_TIMED, ...NAMED_PAIRS.map(([dim]) => dim)]);

interface Sum {
  readonly step: number;
  readonly dim: string;
  readonly start: number;
  readonly a: string;
  readonly b: string;
  readonly cell: StatCell;
}

/** Sums of one dimension in one step, by their values. */
export interface SumGroup {
  readonly step: StatStep;
  readonly dim: string;
  readonly start: number;
  readonly sums: Map<string, Sum>;
}

/** No text of a row has a NUL in it. */
const valuesKey = (a: string, b: string): string => `${a}\0${b}`;

/** What rows come to, each sum once. */
export class SumBook {
  readonly #groups = new Map<string, SumGroup>();

  add(row: LogRow): void {
    const one = emptyCell();
    addRow(one, row);
    this.addCell(row, one);
  }

  /** Adds `cell` wherever `row` counts: also a correction, with sums below zero. */
  addCell(row: LogRow, cell: StatCell): void {
    const start = Math.floor(row.at / STEP_MS.minute) * STEP_MS.minute;
    this.#put(ALL, start, '', '', cell);
    for (const field of LOG_FACETS) {
      if (field === 'tag') for (const tag of new Set(row.tags)) this.#put('tag', start, tag, '', cell);
      else this.#put(field, start, String(row[field]), '', cell);
    }
    for (const [dim, first, second] of NAMED_PAIRS) this.#put(dim, start, row[first], row[second], cell);
  }

  /** Of all steps: hours and days are made of the minutes. */
  groups(): readonly SumGroup[] {
    const minutes = [...this.#groups.values()];
    const wider = new Map<string, SumGroup>();
    for (const step of STEP_NAMES) {
      if (step === 'minute') continue;
      for (const { dim, start, sums } of minutes) {
        const group = groupOf(wider, step, dim, Math.floor(start / STEP_MS[step]) * STEP_MS[step]);
        for (const { a, b, cell } of sums.values()) addTo(group, a, b, cell);
      }
    }
    return [...minutes, ...wider.values()];
  }

  #put(dim: string, start: number, a: string, b: string, cell: StatCell): void {
    addTo(groupOf(this.#groups, 'minute', dim, start), a, b, cell);
  }
}

function groupOf(groups: Map<string, SumGroup>, step: StatStep, dim: string, start: number): SumGroup {
  const key = `${step} ${dim} ${start}`;
  let group = groups.get(key);
  if (group === undefined) groups.set(key, (group = { step, dim, start, sums: new Map() }));
  return group;
}

function addTo({ step, dim, start, sums }: SumGroup, a: string, b: string, cell: StatCell): void {
  const key = valuesKey(a, b);
  const timed = TIMED.has(dim);
  let sum = sums.get(key);
  if (sum === undefined)
    sums.set(key, (sum = { step: STEPS[step], dim, start, a, b, cell: emptyCell(timed) }));
  if (timed) addCell(sum.cell, cell);
  else addSumsOf(sum.cell, cell);
}

const MAX_VALUES = 32;

/** Adds to what is there. Nobody else writes meanwhile. */
export function* addSums(groups: readonly SumGroup[]): SqlWork<void> {
  for (const { step, dim, start, sums } of groups) {
    const values = [...new Set([...sums.values()].map(({ a }) => a))];
    for (let at = 0; at < values.length; at += MAX_VALUES) {
      const part = padded(values.slice(at, at + MAX_VALUES));
      const rows = yield {
        text: `SELECT a, b, data FROM log_sums WHERE step = ? AND dim = ? AND start = ? AND a IN (${marks(part)})`,
        values: [STEPS[step], dim, start, ...part],
      };
      for (const row of rows) {
        const sum = sums.get(valuesKey(String(row['a']), String(row['b'])));
        if (sum === undefined) continue;
        const known = unpackCell(String(row['data']));
        if (TIMED.has(dim)) addCell(sum.cell, known);
        else addSumsOf(sum.cell, known);
      }
    }
  }
  yield* insertMany(
    'log_sums',
    ['step', 'dim', 'start', 'a', 'b', 'data'],
    groups.flatMap(({ sums }) =>
      [...sums.values()].map(({ step, dim, start, a, b, cell }): SqlValue[] => [
        step,
        dim,
        start,
        a,
        b,
        packCell(cell),
      ]),
    ),
    'ON CONFLICT (step, dim, start, a, b) DO UPDATE SET data = excluded.data',
  );
}

/** To a few lengths, so that there are few statements to prepare. */
function padded(values: readonly string[]): readonly string[] {
  const length = 2 ** Math.ceil(Math.log2(values.length));
  return [...values, ...Array<string>(length - values.length).fill(values[0]!)];
}

const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

export function* pointsWork({ step, since, until, fields }: StatQuery): SqlWork<readonly StatPoint[]> {
  const { dim, a, b, swapped } = placesOf(fields);
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
  const rows = yield {
    text: `SELECT start, a, b, data FROM log_sums WHERE ${terms.join(' AND ')} ORDER BY start`,
    values,
  };
  return rows.map((row) => {
    const [first, second] = [String(row['a']), String(row['b'])];
    const all = swapped ? [second, first] : [first, second];
    return {
      start: Number(row['start']),
      values: all.slice(0, fields.length),
      cell: unpackCell(String(row['data'])),
    };
  });
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
  const pairs = new Set<string>(NAMED_PAIRS.map(([name]) => name));
  if (pairs.has(dim(first.field, second.field)))
    return { dim: dim(first.field, second.field), a: first.values, b: second.values, swapped: false };
  if (pairs.has(dim(second.field, first.field)))
    return { dim: dim(second.field, first.field), a: second.values, b: first.values, swapped: true };
  throw new Error(`no sums of ${first.field} by ${second.field}`);
}
