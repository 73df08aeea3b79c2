// Points by when they are, and sums of several such series: one group, several together, or all calls less some groups.
import type { KeptCell, StatPoint } from '../../src/contracts/log-store.ts';
import { Tally } from '../../src/observability/requests/tally.ts';

/** Cells by the start of their step, ms since 1970: several where several values count. */
export type Series = ReadonlyMap<number, readonly KeptCell[]>;

export interface SeriesSum {
  readonly plus: readonly Series[];
  readonly minus: readonly Series[];
  /** False: percentiles are kept of `plus`, and not of what is told. */
  readonly timed: boolean;
}

export const sumOf = (plus: readonly Series[]): SeriesSum => ({ plus, minus: [], timed: true });

/** @param value of each point: which series it is of */
export function seriesBy(
  points: readonly StatPoint[],
  value: (point: StatPoint) => string,
): ReadonlyMap<string, Series> {
  const groups = new Map<string, Map<number, KeptCell[]>>();
  for (const point of points) {
    const name = value(point);
    let found = groups.get(name);
    if (found === undefined) groups.set(name, (found = new Map()));
    const cells = found.get(point.start);
    if (cells === undefined) found.set(point.start, [point.cell]);
    else cells.push(point.cell);
  }
  return groups;
}

/** All of it together. */
export function tallyOf(sum: SeriesSum): Tally {
  const tally = new Tally();
  for (const start of new Set(sum.plus.flatMap((series) => [...series.keys()]))) addAt(tally, sum, start);
  return tally;
}

/** One after the other. @param use is called with the same tally for each start */
export function eachTally(sum: SeriesSum, starts: readonly number[], use: (tally: Tally) => void): void {
  const tally = new Tally();
  for (const start of starts) {
    tally.clear();
    addAt(tally, sum, start);
    use(tally);
  }
}

function addAt(tally: Tally, { plus, minus, timed }: SeriesSum, start: number): void {
  for (const series of plus) for (const cell of series.get(start) ?? []) tally.add(cell, 1, timed);
  for (const series of minus) for (const cell of series.get(start) ?? []) tally.add(cell, -1, timed);
}
