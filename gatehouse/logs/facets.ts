// Values of the fields with how many calls have them, in the window that is shown: from sums made when rows were written.
import {
  arePaired,
  LOG_FACETS,
  type LogFacet,
  type LogFilter,
  type LogReads,
  STAT_TIMED,
  type StatField,
} from '../../src/contracts/log-store.ts';
import { windowOf } from './window.ts';

export interface Facets {
  /** Null: not counted for this filter. */
  readonly total: number | null;
  readonly facets: Readonly<Partial<Record<LogFacet, readonly { value: string; count: number }[]>>>;
}

const MAX_VALUES = 50;
const COUNTED: ReadonlySet<string> = new Set(LOG_FACETS);
const isPaired = (field: string): boolean => (STAT_TIMED as ReadonlySet<string>).has(field);

/**
 * With a filter of exactly one paired field, counts are of what fits it, where they are kept; else of the whole window.
 * @param ofTeams who asks may see those of `filter.values.team` alone: fields of which nothing is kept by team have no values then
 */
export async function facetsOf(
  log: Pick<LogReads, 'counts'>,
  filter: LogFilter,
  fields: readonly LogFacet[],
  now: number,
  ofTeams = false,
): Promise<Facets> {
  const window = windowOf(filter.since ?? null, filter.until ?? null, null, now);
  const filtered = Object.entries(filter.values) as [LogFacet, readonly string[]][];
  const [only, ...others] = filtered;
  const team: StatField | null = ofTeams ? { field: 'team', values: filter.values.team ?? [] } : null;
  const one: StatField | null =
    only !== undefined && others.length === 0 && isPaired(only[0])
      ? { field: only[0], values: only[1] }
      : null;
  const bound = team ?? one;
  const facets: Facets['facets'] = Object.fromEntries(
    await Promise.all(
      fields.map(async (field) => {
        if (team !== null && field !== 'team' && !arePaired(field, 'team')) return [field, []] as const;
        const own: StatField = team !== null && field === 'team' ? team : { field, values: null };
        const paired = bound !== null && arePaired(field, bound.field);
        const counts = await log.counts({ ...window, fields: paired ? [own, bound] : [own] });
        const sorted = [...counts].filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
        return [field, sorted.slice(0, MAX_VALUES).map(([value, count]) => ({ value, count }))] as const;
      }),
    ),
  );
  return { total: await totalOf(log, filter, window), facets };
}

async function totalOf(
  log: Pick<LogReads, 'counts'>,
  filter: LogFilter,
  window: ReturnType<typeof windowOf>,
): Promise<number | null> {
  // Of all there ever was nobody keeps a count; a call with two of the tags would count twice, and one without any nowhere.
  if (filter.since === undefined) return null;
  const lists = [filter.values.tag, filter.values.guardrail].filter((list) => list !== undefined);
  if (lists.some((list) => list.length > 1 || list.includes(''))) return null;
  if (filter.attempts === true || filter.unpriced === true || Object.keys(filter.ranges).length > 0)
    return null;
  const fields = Object.entries(filter.values).map(([field, values]) => ({ field, values }) as StatField);
  if (fields.length > 2 || fields.some(({ field }) => !COUNTED.has(field))) return null;
  if (fields.length === 2 && !arePaired(fields[0]!.field, fields[1]!.field)) return null;
  const counts = await log.counts({ ...window, fields: fields as [] }); // two at most, as was looked at
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
