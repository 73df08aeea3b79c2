// Series and totals out of sums: by step and group, the greatest groups first, all others together, and the same of the
// period before. Pure but for the points it asks for.
import type {
  LogFacet,
  LogReads,
  StatCell,
  StatField,
  StatPoint,
  StatStep,
} from '../../src/contracts/log-store.ts';
import { STEP_MS } from '../../src/contracts/log-store.ts';
import { percentiles } from '../../src/observability/requests/buckets.ts';
import { addCell, emptyCell, HISTOGRAMS, SUMS } from '../../src/observability/requests/cells.ts';
import type { Window } from './window.ts';

const PARTS = [0.5, 0.95, 0.99] as const;
const PART_NAMES = ['p50', 'p95', 'p99'] as const;
const OWNERS = ['caller', 'policy', 'provider', 'gateway'] as const;
type Owner = (typeof OWNERS)[number];
const isOwner = (name: string): name is Owner => (OWNERS as readonly string[]).includes(name);

/** Names of what may be asked for as a series. */
export const METRICS: readonly string[] = [
  ...SUMS.map((name) => (isOwner(name) ? `errors.${name}` : name)),
  ...HISTOGRAMS.flatMap((name) => PART_NAMES.map((part) => `${name}.${part}`)),
];

export interface StatsQuestion {
  readonly window: Window;
  readonly group: LogFacet | null;
  /** Beside the group. */
  readonly filters: readonly StatField[];
  readonly metrics: readonly string[];
  /** Groups told by themselves. */
  readonly top: number;
  /** Sum that says which groups are greatest. */
  readonly by: keyof Omit<StatCell, 'histograms'>;
  readonly compare: boolean;
}

interface Group {
  readonly total: StatCell;
  readonly points: Map<number, StatCell>;
}

export async function statsOf(log: Pick<LogReads, 'points'>, question: StatsQuestion): Promise<object> {
  const { window, compare } = question;
  const { step, since, until } = window;
  const now = await gathered(log, question, since, until);
  const before = compare ? await gathered(log, question, since - (until - since), since) : null;
  const starts: number[] = [];
  for (let at = since; at < until; at += STEP_MS[step as StatStep]) starts.push(at);
  const sorted = [...now].sort(([, one], [, other]) => other.total[question.by] - one.total[question.by]);
  const shown = question.group === null ? sorted : sorted.slice(0, question.top);
  const rest = sorted.slice(shown.length);
  const told = ([value, group]: [string | null, Group], earlier: StatCell | null) => ({
    value,
    total: cellOf(group.total),
    before: earlier === null ? null : cellOf(earlier),
    series: Object.fromEntries(
      question.metrics.map((metric) => [metric, starts.map((at) => metricOf(group.points.get(at), metric))]),
    ),
  });
  const groups = shown.map(([value, group]) =>
    told(
      [question.group === null ? null : value, group],
      before === null ? null : (before.get(value)?.total ?? emptyCell()),
    ),
  );
  if (question.group === null && groups.length === 0)
    groups.push(told([null, newGroup()], before && emptyCell()));
  if (rest.length > 0) {
    const names = new Set(shown.map(([value]) => value));
    const earlier =
      before && totalOf([...before].filter(([value]) => !names.has(value)).map(([, one]) => one));
    groups.push(told([null, merged(rest.map(([, one]) => one))], earlier));
  }
  return {
    since,
    until,
    step,
    starts,
    total: cellOf(totalOf(now.values())),
    before: before === null ? null : cellOf(totalOf(before.values())),
    groups,
  };
}

async function gathered(
  log: Pick<LogReads, 'points'>,
  { group, filters, window }: StatsQuestion,
  since: number,
  until: number,
): Promise<Map<string, Group>> {
  const bound = filters.find(({ field }) => field === group);
  const own: StatField[] = group === null ? [] : [bound ?? { field: group, values: null }];
  const fields = [...own, ...filters.filter((one) => one !== bound)] as [StatField, StatField]; // two at most: the route looked
  const groups = new Map<string, Group>();
  for (const point of await log.points({ step: window.step, since, until, fields })) {
    const value = group === null ? '' : point.values[0]!;
    let found = groups.get(value);
    if (found === undefined) groups.set(value, (found = newGroup()));
    put(found, point.start, point.cell, true);
  }
  return groups;
}

const newGroup = (): Group => ({ total: emptyCell(), points: new Map() });

/** @param own nobody else has `cell`: it may become the point itself, since merging is most of what a year costs */
function put(group: Group, start: number, cell: StatPoint['cell'], own: boolean): void {
  addCell(group.total, cell);
  let point = group.points.get(start);
  if (point === undefined && own) {
    group.points.set(start, cell);
    return;
  }
  if (point === undefined) group.points.set(start, (point = emptyCell()));
  addCell(point, cell);
}

function merged(groups: readonly Group[]): Group {
  const all = newGroup();
  for (const { points } of groups) for (const [start, cell] of points) put(all, start, cell, false);
  return all;
}

function totalOf(groups: Iterable<Group>): StatCell {
  const all = emptyCell();
  for (const { total } of groups) addCell(all, total);
  return all;
}

/** As the API shows it: errors by owner, histograms as percentiles. */
export function cellOf(cell: StatCell): Record<string, unknown> {
  const shown: Record<string, unknown> = {
    errors: Object.fromEntries(OWNERS.map((owner) => [owner, cell[owner]])),
  };
  for (const name of SUMS) if (!isOwner(name)) shown[name] = cell[name];
  for (const name of HISTOGRAMS) {
    const histogram = cell.histograms[name];
    const values = percentiles(histogram, PARTS);
    shown[name] = {
      count: [...histogram.values()].reduce((sum, count) => sum + count, 0),
      ...Object.fromEntries(PART_NAMES.map((part, at) => [part, rounded(values[at] ?? null)])),
    };
  }
  return shown;
}

/** Null: nothing happened there, which is not 0 for a percentile, and is for a sum. */
function metricOf(cell: StatCell | undefined, metric: string): number | null {
  const [name, part] = metric.split('.') as [string, string?];
  const histogram = HISTOGRAMS.find((one) => one === name);
  if (histogram !== undefined) {
    const at = PART_NAMES.indexOf(part as 'p50');
    return cell === undefined ? null : rounded(percentiles(cell.histograms[histogram], [PARTS[at]!])[0]!);
  }
  const sum = (name === 'errors' ? part : name) as (typeof SUMS)[number]; // of METRICS
  return cell?.[sum] ?? 0;
}

/** Three digits: buckets are no finer. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(3));
