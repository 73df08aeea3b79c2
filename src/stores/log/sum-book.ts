// What rows come to, minute by minute, in every dimension that is asked by: kept in memory until it is written as a whole.
import {
  LOG_FACETS,
  type LogFacet,
  type LogListFacet,
  STAT_PAIRS,
  STAT_TIMED,
  STEP_MS,
  type StatCell,
  type StatStep,
} from '../../contracts/log-store.ts';
import type { LogRow } from '../../contracts/request-log.ts';
import {
  addBuckets,
  addCell,
  addRowSums,
  addSumsOf,
  bucketsOf,
  emptyCell,
} from '../../observability/requests/cells.ts';
import { isListFacet, listValues } from '../../observability/requests/list-facets.ts';

const NAMED_PAIRS = STAT_PAIRS.map(([first, second]) => [`${first}+${second}`, first, second] as const);
/** All calls. */
export const ALL = '';

/** Every dimension there are sums of. */
export const DIMENSIONS: readonly string[] = [ALL, ...LOG_FACETS, ...NAMED_PAIRS.map(([dim]) => dim)];

/** By place in DIMENSIONS: whether percentiles are asked of it. */
const TIMED: readonly boolean[] = DIMENSIONS.map(
  (dim) => dim === ALL || dim.includes('+') || (STAT_TIMED as ReadonlySet<string>).has(dim),
);

export interface Sum {
  readonly a: string;
  readonly b: string;
  readonly cell: StatCell;
}

/** Sums of one dimension in one step, by their values. */
export interface SumGroup {
  readonly step: StatStep;
  readonly dim: string;
  readonly start: number;
  readonly timed: boolean;
  readonly sums: ReadonlyMap<string, Sum>;
}

type Dimensions = readonly Map<string, Sum>[];

/** No text of a row has a NUL in it. */
export const valuesKey = (a: string, b: string): string => (b === '' ? a : `${a}\0${b}`);

/** Of a row all that it counts by; of a charge whose row is gone what the charge knows. */
export type SummedRow = Pick<LogRow, 'at' | 'tags' | (typeof NAMED_PAIRS)[number][1 | 2]> &
  Partial<Pick<LogRow, Exclude<LogFacet, LogListFacet> | 'guardrails'>>;

export class SumBook {
  readonly #minutes = new Map<number, Dimensions>();
  #rows = 0;

  /** Rows in it. */
  get rows(): number {
    return this.#rows;
  }

  add(row: LogRow): void {
    this.#rows += 1;
    const one = emptyCell(false);
    addRowSums(one, row);
    const buckets = bucketsOf(row);
    this.#each(row, (sum, timed) => {
      addSumsOf(sum.cell, one);
      if (timed && buckets !== null) addBuckets(sum.cell, buckets);
    });
  }

  /** Adds the sums of `cell` wherever `row` counts: also a correction, with sums below zero. What the row does not know is left as it is. */
  addCell(row: SummedRow, cell: StatCell): void {
    this.#rows += 1;
    this.#each(row, (sum) => addSumsOf(sum.cell, cell));
  }

  #each(row: SummedRow, take: (sum: Sum, timed: boolean) => void): void {
    const start = startOf(row.at, 'minute');
    let dimensions = this.#minutes.get(start);
    if (dimensions === undefined) this.#minutes.set(start, (dimensions = newDimensions()));
    take(sumOf(dimensions, 0, '', ''), true);
    let at = 1;
    for (const field of LOG_FACETS) {
      const timed = TIMED[at]!;
      if (isListFacet(field))
        for (const value of listValues(row, field) ?? []) take(sumOf(dimensions, at, value, ''), timed);
      else if (row[field] !== undefined) take(sumOf(dimensions, at, String(row[field]), ''), timed);
      at += 1;
    }
    for (const [, first, second] of NAMED_PAIRS) {
      take(sumOf(dimensions, at, row[first], row[second]), true);
      at += 1;
    }
  }

  /** Of all steps: hours and days are made of the minutes. One dimension after the other, for who does something else between. */
  *groups(): Generator<SumGroup, void, undefined> {
    for (const step of Object.keys(STEP_MS) as StatStep[])
      for (const at of DIMENSIONS.keys()) yield* this.#groupsOf(step, at);
  }

  /** Of one dimension alone. */
  groupsOf(step: StatStep, dim: string): SumGroup[] {
    return this.#groupsOf(step, DIMENSIONS.indexOf(dim));
  }

  #groupsOf(step: StatStep, at: number): SumGroup[] {
    const timed = TIMED[at]!;
    const groups = new Map<number, Map<string, Sum>>();
    for (const [minute, dimensions] of this.#minutes) {
      const start = startOf(minute, step);
      const own = dimensions[at]!;
      const wider = groups.get(start);
      if (step === 'minute') groups.set(start, own);
      else if (wider === undefined) groups.set(start, copyOf(own, timed));
      else for (const [key, sum] of own) mergeInto(wider, key, sum, timed);
    }
    const made: SumGroup[] = [];
    for (const [start, sums] of groups)
      if (sums.size > 0) made.push({ step, dim: DIMENSIONS[at]!, start, timed, sums });
    return made;
  }
}

const startOf = (at: number, step: StatStep): number => Math.floor(at / STEP_MS[step]) * STEP_MS[step];

const newDimensions = (): Dimensions => DIMENSIONS.map(() => new Map<string, Sum>());

function sumOf(dimensions: Dimensions, at: number, a: string, b: string): Sum {
  const sums = dimensions[at]!;
  const key = valuesKey(a, b);
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { a, b, cell: emptyCell(TIMED[at]) }));
  return sum;
}

function copyOf(sums: ReadonlyMap<string, Sum>, timed: boolean): Map<string, Sum> {
  const copies = new Map<string, Sum>();
  for (const [key, sum] of sums) mergeInto(copies, key, sum, timed);
  return copies;
}

function mergeInto(sums: Map<string, Sum>, key: string, { a, b, cell }: Sum, timed: boolean): void {
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = { a, b, cell: emptyCell(timed) }));
  if (timed) addCell(sum.cell, cell);
  else addSumsOf(sum.cell, cell);
}
