// One sum over a whole window by value: what facets count, and which groups are greatest. Read from the widest steps that fit, and of
// each cell its sums alone.
import type { StatQuery, StatSums } from '../../contracts/log-store.ts';
import { SUMS } from '../../observability/requests/cells.ts';
import { HEAD, headOf } from '../../observability/requests/kept-cell.ts';
import type { SqlWork } from '../sql-driver.ts';
import { soundBlocks } from './blocks.ts';
import type { SumBook } from './sum-book.ts';
import { placesOf, whereOf } from './sum-places.ts';
import { spansOf, STEPS, wholeBlocks } from './sum-steps.ts';

/** @param by which sum @param open sums that are not in the database yet */
export function* countsWork(
  { step, since, until, fields }: StatQuery,
  by: keyof StatSums,
  open: readonly SumBook[],
): SqlWork<ReadonlyMap<string, number>> {
  const places = placesOf(fields);
  const { dim, a, b, swapped } = places;
  const counts = new Map<string, number>();
  const add = (first: string, second: string, count: number): void => {
    const value = swapped ? second : first;
    counts.set(value, (counts.get(value) ?? 0) + count);
  };
  const column = SUMS.indexOf(by);
  const within = wholeBlocks(since, until);
  const blocks = within.since < within.until ? yield* soundBlocks(within.since, within.until) : NONE;
  for (const span of spansOf(STEPS[step], since, until, blocks)) {
    const { text, values } = whereOf(span.step, span.since, span.until, places);
    const rows = yield { text: `SELECT a, b, ${HEAD} AS head FROM log_sums WHERE ${text}`, values };
    for (const row of rows) add(String(row['a']), String(row['b']), headOf(String(row['head']))[column] ?? 0);
  }
  for (const { start, sums } of open.flatMap((book) => book.groupsOf(step, dim))) {
    if (start < since || start >= until) continue;
    for (const { a: first, b: second, cell } of sums.values())
      if ((a === null || a.includes(first)) && (b === null || b.includes(second)))
        add(first, second, cell[by]);
  }
  return counts;
}

const NONE: ReadonlySet<number> = new Set();
