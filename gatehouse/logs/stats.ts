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
  type StatSums,
} from '../../src/contracts/log-store.ts';
import { eachTally, type Series, type SeriesSum, seriesBy, sumOf, tallyOf } from './series.ts';
import { cellOf, metricOf } from './stat-view.ts';
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

interface Gathered {
  /** Of `shown`, then of all others. */
  readonly groups: readonly SeriesSum[];
  readonly whole: SeriesSum;
}

export async function statsOf(log: Reads, question: StatsQuestion): Promise<object> {
  const { step, since, until } = question.window;
  const names = await namesOf(log, question);
  const now = await gathered(log, question, names, since, until);
  const before = question.compare
    ? await gathered(log, question, names, since - (until - since), since)
    : null;
  const starts: number[] = [];
  for (let at = since; at < until; at += STEP_MS[step]) starts.push(at);
  return {
    since,
    until,
    step,
    starts,
    total: cellOf(tallyOf(now.whole)),
    before: before && cellOf(tallyOf(before.whole)),
    groups: now.groups.map((sum, at) => ({
      value: names.shown[at] ?? null,
      total: cellOf(tallyOf(sum)),
      before: before && cellOf(tallyOf(before.groups[at]!)),
      series: seriesOf(sum, starts, question.metrics),
    })),
  };
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
  since: number,
  until: number,
): Promise<Gathered> {
  const { group, filters, window } = question;
  const points = (fields: readonly StatField[]): Promise<readonly StatPoint[]> =>
    log.points({ step: window.step, since, until, fields: fields as [] }); // two at most, as above
  // A call may have several tags or none; of what is bound the whole is not what is kept of all calls.
  const isPart = group !== 'tag' && boundOf(question) === undefined;
  const read = group === null ? [] : await points(fieldsOf(question, isPart && others ? shown : null));
  const series = seriesBy(read, ({ values }) => values[0]!);
  const own = shown.map((value) => series.get(value) ?? NONE);
  // Read last: what came in between makes the others more, never less than nothing.
  const whole = isPart ? (seriesBy(await points(filters), () => '').get('') ?? NONE) : null;
  if (whole === null) {
    const rest = [...series].filter(([value]) => !shown.includes(value)).map(([, one]) => one);
    const groups = [...own.map((one) => [one]), ...(others ? [rest] : [])];
    return { groups: groups.map(sumOf), whole: sumOf([...series.values()]) };
  }
  const timed = group === null || filters.length > 0 || (STAT_TIMED as ReadonlySet<string>).has(group);
  return {
    groups: [...own.map((one) => sumOf([one])), ...(others ? [{ plus: [whole], minus: own, timed }] : [])],
    whole: sumOf([whole]),
  };
}

function seriesOf(
  sum: SeriesSum,
  starts: readonly number[],
  metrics: readonly string[],
): Record<string, (number | null)[]> {
  const series: Record<string, (number | null)[]> = Object.fromEntries(metrics.map((metric) => [metric, []]));
  // Histograms are most of the work, and few charts are of them.
  const timed = sum.timed && metrics.some((metric) => /\.p\d/.test(metric));
  eachTally({ ...sum, timed }, starts, (tally) => {
    for (const metric of metrics) series[metric]!.push(metricOf(tally, metric));
  });
  return series;
}
