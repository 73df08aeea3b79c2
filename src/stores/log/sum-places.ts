// Where sums of the fields that are asked for lie.
import { type LogFacet, STAT_PAIRS, type StatField } from '../../contracts/log-store.ts';
import type { SqlValue, Statement } from '../sql-driver.ts';
import { ALL } from './sum-book.ts';

const PAIRS: ReadonlySet<string> = new Set(STAT_PAIRS.map(([first, second]) => `${first}+${second}`));

export interface Places {
  readonly dim: string;
  readonly a: readonly string[] | null;
  readonly b: readonly string[] | null;
  /** The fields were asked for in the other order. */
  readonly swapped: boolean;
}

/** @throws Error when no sums are kept of both: whoever asks has to know. */
export function placesOf(fields: readonly StatField[]): Places {
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

export const marks = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** @param step of STEPS, or BLOCK @param since, until ms since 1970 */
export function whereOf(step: number, since: number, until: number, { dim, a, b }: Places): Statement {
  const terms = ['step = ?', 'dim = ?', 'start >= ?', 'start < ?'];
  const values: SqlValue[] = [step, dim, since, until];
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
