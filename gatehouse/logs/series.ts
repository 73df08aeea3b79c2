// Points by when they are, and the walk over them: each cell is read once, and counts in its group's series and total, in that of the
// others, and in that of all.
import type { StatPoint } from '../../src/contracts/log-store.ts';
import { Tally } from '../../src/observability/requests/tally.ts';

/** Cells (packCell) by the start of their step, ms since 1970: several where several values count. */
export type Series = ReadonlyMap<number, readonly string[]>;

/** What there is of one window. */
export interface Points {
  /** Of groups told by themselves. */
  readonly own: readonly Series[];
  /** Of all calls, where the others are what it has beyond `own`; null = all is what `own` and `rest` have together. */
  readonly whole: Series | null;
  readonly rest: readonly Series[];
  /** False: times are kept of `whole` and not of groups, and the others are told without. */
  readonly timed: boolean;
}

export interface Totals {
  readonly own: readonly Tally[];
  readonly rest: Tally;
  readonly whole: Tally;
}

/** @param value of each point: which series it is of */
export function seriesBy(
  points: readonly StatPoint[],
  value: (point: StatPoint) => string,
): ReadonlyMap<string, Series> {
  const groups = new Map<string, Map<number, string[]>>();
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

/** @param each hears of every group at every start, behind them of the others; what it is handed is used again for the next */
export function walk(
  { own, whole, rest, timed }: Points,
  starts: readonly number[],
  each: (tally: Tally, group: number) => void,
): Totals {
  const totals: Totals = { own: own.map(() => new Tally()), rest: new Tally(), whole: new Tally() };
  const [step, others] = [new Tally(), new Tally()];
  for (const start of starts) {
    others.clear();
    for (const series of whole === null ? rest : [whole]) add(others, series, start);
    totals.whole.addTally(others);
    for (const [at, series] of own.entries()) {
      step.clear();
      add(step, series, start);
      each(step, at);
      totals.own[at]!.addTally(step);
      if (whole === null) totals.whole.addTally(step);
      else others.addTally(step, -1);
    }
    if (!timed) others.clearTimes();
    totals.rest.addTally(others);
    each(others, own.length);
  }
  return totals;
}

function add(tally: Tally, series: Series, start: number): void {
  for (const cell of series.get(start) ?? []) tally.add(cell);
}
