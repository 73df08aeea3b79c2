// Series and totals out of sums: by step and group, the greatest groups first, all others together, and the same of the
// period before. Pure but for what it asks for: which groups are greatest, their points, and those of all calls. The others are
// the difference, so that a group of thousands of values costs little more than one of ten.
import {
  type LogFacet,
  type LogReads,
  STAT_TIMED,
  STEP_MS,
  type StatField,
  type StatPoint,
  type StatStep,
  type StatSums,
} from '../../src/contracts/log-store.ts';
import { isListFacet } from '../../src/observability/requests/list-facets.ts';
import type { KeptDays } from './kept-days.ts';
import { type Points, type Series, seriesBy, walk } from './series.ts';
import { cellOf, readerOf } from './stat-view.ts';
import type { Window } from './window.ts';

export interface StatsQuestion {
  readonly window: Window;
  readonly group: LogFacet | null;
  /** Beside the group. */
  readonly filters: readonly StatField[];
  readonly metrics: readonly string[];
  /** Groups told by themselves. */
  readonly top: number;
  /** Sum that says which groups are greatest. */
  readonly by: keyof StatSums;
  readonly compare: boolean;
}

type Reads = Pick<LogReads, 'points' | 'counts'>;

const NONE: Series = new Map();

/** Groups that are told by themselves, greatest first, and whether there are others. */
interface Names {
  readonly shown: readonly string[];
  readonly others: boolean;
}

/** @param kept of this log; null = all of it is read */
export async function statsOf(
  log: Reads,
  question: StatsQuestion,
  kept: KeptDays | null = null,
): Promise<object> {
  const { metrics, compare, window } = question;
  const { step, since, until } = window;
  const names = await namesOf(log, question);
  const now = await gathered(log, question, names, { since, until }, kept);
  const earlier = since - (until - since);
  const past = compare ? await gathered(log, question, names, { since: earlier, until: since }, kept) : null;
  const starts = startsOf(step, since, until);
  const readers = metrics.map(readerOf);
  const series = [...now.own, null].map(() => metrics.map((): (number | null)[] => []));
  const totals = walk(now, starts, (tally, group) => {
    for (const [at, read] of readers.entries()) series[group]![at]!.push(read(tally));
  });
  const before = past && walk(past, startsOf(step, earlier, since), () => undefined);
  const groups = [...names.shown, ...(names.others ? [null] : [])];
  return {
    since,
    until,
    step,
    starts,
    total: cellOf(totals.whole),
    before: before && cellOf(before.whole),
    groups: groups.map((value, at) => ({
      value,
      total: cellOf(totals.own[at] ?? totals.rest),
      before: before && cellOf(before.own[at] ?? before.rest),
      series: Object.fromEntries(metrics.map((metric, nth) => [metric, series[at]![nth]!])),
    })),
  };
}

function startsOf(step: StatStep, since: number, until: number): number[] {
  const starts: number[] = [];
  for (let at = since; at < until; at += STEP_MS[step]) starts.push(at);
  return starts;
}

/** The filter on the group's own field. */
const boundOf = ({ group, filters }: StatsQuestion): StatField | undefined =>
  filters.find(({ field }) => field === group);

/** The group's field, if there is one, and those that are filtered. */
function fieldsOf(question: StatsQuestion, values: readonly string[] | null): readonly StatField[] {
  const { group, filters } = question;
  if (group === null) return filters;
  const bound = boundOf(question);
  return [bound ?? { field: group, values }, ...filters.filter((one) => one !== bound)];
}

async function namesOf(log: Reads, question: StatsQuestion): Promise<Names> {
  const { window, group, top, by } = question;
  if (group === null) return { shown: [], others: true };
  const fields = fieldsOf(question, null) as [StatField]; // two at most: the route looked
  const sums = [...(await log.counts({ ...window, fields }, by))];
  const sorted = sums.sort(([, one], [, other]) => other - one).map(([value]) => value);
  return { shown: sorted.slice(0, top), others: sorted.length > top };
}

async function gathered(
  log: Reads,
  question: StatsQuestion,
  { shown, others }: Names,
  { since, until }: { readonly since: number; readonly until: number },
  kept: KeptDays | null,
): Promise<Points> {
  const { group, filters, window } = question;
  const within = (fields: readonly StatField[], from: number, to: number): Promise<readonly StatPoint[]> =>
    log.points({ step: window.step, since: from, until: to, fields: fields as [] }); // two at most, as above
  const points = (fields: readonly StatField[]): Promise<readonly StatPoint[]> =>
    within(fields, since, until);
  // A call may have several tags or none, and so with guardrails; of what is bound the whole is not what is kept of all calls.
  const isPart = !(group !== null && isListFacet(group)) && boundOf(question) === undefined;
  const timed = group === null || filters.length > 0 || (STAT_TIMED as ReadonlySet<string>).has(group);
  if (kept !== null && isPart && group !== null && window.step === 'day') {
    const days = { group, filters, shown, since, until };
    const { own, whole } = await kept.read(days, {
      own: (values, from, to) => within(fieldsOf(question, values), from, to),
      whole: (from, to) => within(filters, from, to),
    });
    return { own, whole, rest: [], timed };
  }
  const read = group === null ? [] : await points(fieldsOf(question, isPart && others ? shown : null));
  const series = seriesBy(read, ({ values }) => values[0]!);
  const own = shown.map((value) => series.get(value) ?? NONE);
  // Read last: what came in between makes the others more, never less than nothing.
  const whole = isPart ? (seriesBy(await points(filters), () => '').get('') ?? NONE) : null;
  const rest =
    whole === null ? [...series].filter(([value]) => !shown.includes(value)).map(([, one]) => one) : [];
  return { own, whole, rest, timed };
}
