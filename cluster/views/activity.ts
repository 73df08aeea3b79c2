// What the lanes and workers did in the last minute, from the totals of the metrics: a look each few seconds is kept, and
// what is shown is the difference to the oldest one.
import { METRIC_FAMILIES } from '../../src/observability/metric-families.ts';
import type { MetricSeries, MetricTotals } from '../../src/observability/metric-totals.ts';

export const LOOK_MS = 5_000;
const WINDOW_MS = 60_000;

/** A histogram's counts: one per bound, then those above. */
export type Counts = readonly number[];

/** Running totals of one provider. */
export interface LaneTotal {
  readonly ended: number;
  readonly failed: number;
  readonly shed: number;
  readonly durations: Counts;
}

/** Running totals of one plugin: hooks by how they ended, and what they took. */
export interface PluginTotal {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly durations: Counts;
}

/** Everything that is counted, at one moment. */
interface Look {
  readonly at: number;
  readonly lanes: ReadonlyMap<string, LaneTotal>;
  /** Lag of event loops, by index of the worker. */
  readonly lags: ReadonlyMap<string, Counts>;
  readonly plugins: ReadonlyMap<string, PluginTotal>;
}

export interface Activity {
  /** What is shown is of so long, ms. */
  readonly windowMs: number;
  /** Zeros for one that did nothing. */
  lane(provider: string): LaneTotal;
  lag(worker: string): Counts;
  /** Nothing for one that was asked for nothing. */
  plugin(name: string): PluginTotal;
  /** Gauges, added up over their other labels; null = there is none. */
  gauge(family: string, label: string, value: string): number | null;
  /** Of two labels. */
  gaugeOf(family: string, first: string, second: string): number | null;
}

export interface ActivityBook {
  /** Keeps a look if the last one is old enough. */
  look(now: number): void;
  read(now: number): Activity;
}

const SHOWN_GAUGES = new Set([
  'headgate_in_flight_requests',
  'headgate_queue_depth',
  'headgate_streams_open',
  'headgate_upstream_key_up',
  'headgate_resident_memory_bytes',
  'headgate_client_connections',
  'headgate_dependency_up',
]);
const NOTHING: LaneTotal = { ended: 0, failed: 0, shed: 0, durations: [] };
const UNASKED: PluginTotal = { outcomes: {}, durations: [] };

/** @param totals of the primary */
export function createActivityBook(totals: Pick<MetricTotals, 'read'>): ActivityBook {
  const looks: Look[] = [];

  return {
    look(now) {
      const last = looks.at(-1);
      if (last !== undefined && now - last.at < LOOK_MS) return;
      looks.push(lookAt(totals, now).look);
      // The one at the window's edge stays: what is shown is of the whole window.
      while (looks.length > 1 && now - looks[1]!.at >= WINDOW_MS) looks.shift();
    },
    read(now) {
      const { look, gauges } = lookAt(totals, now);
      const before = looks[0];
      return {
        windowMs: before === undefined ? 0 : now - before.at,
        lane: (provider) =>
          laneSince(look.lanes.get(provider) ?? NOTHING, before?.lanes.get(provider) ?? NOTHING),
        lag: (worker) => since(look.lags.get(worker) ?? [], before?.lags.get(worker) ?? []),
        plugin: (name) =>
          pluginSince(look.plugins.get(name) ?? UNASKED, before?.plugins.get(name) ?? UNASKED),
        gauge: (family, label, value) => gauges.get(`${family}\0${label}\0${value}`) ?? null,
        gaugeOf: (family, first, second) => gauges.get(`${family}\0\0${first}\0${second}`) ?? null,
      };
    },
  };
}

/**
 * The value below which `share` of the counted lie, by the upper bound of its bucket; null = nothing was counted.
 * What lies above the last bound is taken for it.
 */
export function quantile(counts: Counts, bounds: readonly number[], share: number): number | null {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return null;
  let below = 0;
  for (const [index, count] of counts.entries()) {
    below += count;
    if (below >= all * share) return bounds[Math.min(index, bounds.length - 1)]!;
  }
  return bounds.at(-1)!;
}

export const DURATION_BOUNDS = METRIC_FAMILIES.headgate_upstream_duration_seconds.buckets;
export const HOOK_BOUNDS = METRIC_FAMILIES.headgate_plugin_hook_duration_seconds.buckets;
export const LAG_BOUNDS = METRIC_FAMILIES.headgate_event_loop_lag_seconds.buckets;

function lookAt(totals: Pick<MetricTotals, 'read'>, at: number) {
  const lanes = new Map<string, { ended: number; failed: number; shed: number; durations: number[] }>();
  const lags = new Map<string, Counts>();
  const plugins = new Map<string, { outcomes: Record<string, number>; durations: number[] }>();
  const gauges = new Map<string, number>();
  const plugin = ({ labels }: MetricSeries) => {
    const name = labels['plugin'] ?? '';
    let found = plugins.get(name);
    if (found === undefined) plugins.set(name, (found = { outcomes: {}, durations: [] }));
    return found;
  };
  const lane = (series: MetricSeries) => {
    const provider = series.labels['provider'] ?? '';
    let found = lanes.get(provider);
    if (found === undefined) lanes.set(provider, (found = { ended: 0, failed: 0, shed: 0, durations: [] }));
    return found;
  };
  for (const { name, series } of totals.read()) {
    for (const one of series) {
      if (name === 'headgate_upstream_requests_total') {
        const found = lane(one);
        found.ended += one.value;
        // What callers did wrong, or left, tells nothing of the lane.
        if (/^(provider|gateway)_/.test(one.labels['error_type'] ?? '')) found.failed += one.value;
      } else if (name === 'headgate_shed_total') lane(one).shed += one.value;
      else if (name === 'headgate_upstream_duration_seconds') addTo(lane(one).durations, one.counts);
      else if (name === 'headgate_plugin_hooks_total') {
        const { outcomes } = plugin(one);
        const outcome = one.labels['outcome'] ?? '';
        outcomes[outcome] = (outcomes[outcome] ?? 0) + one.value;
      } else if (name === 'headgate_plugin_hook_duration_seconds') addTo(plugin(one).durations, one.counts);
      else if (name === 'headgate_event_loop_lag_seconds')
        lags.set(one.labels['worker'] ?? '', [...one.counts]);
      else if (SHOWN_GAUGES.has(name)) {
        const labels = Object.entries(one.labels);
        for (const [label, value] of labels) {
          const id = `${name}\0${label}\0${value}`;
          gauges.set(id, (gauges.get(id) ?? 0) + one.value);
        }
        if (labels.length === 2) gauges.set(`${name}\0\0${labels[0]![1]}\0${labels[1]![1]}`, one.value);
      }
    }
  }
  return { look: { at, lanes, lags, plugins } satisfies Look, gauges };
}

function addTo(sum: number[], counts: ArrayLike<number>): void {
  for (let bucket = 0; bucket < counts.length; bucket++) sum[bucket] = (sum[bucket] ?? 0) + counts[bucket]!;
}

function pluginSince(now: PluginTotal, before: PluginTotal): PluginTotal {
  const outcomes = Object.entries(now.outcomes).map(
    ([outcome, count]) => [outcome, count - (before.outcomes[outcome] ?? 0)] as const,
  );
  return { outcomes: Object.fromEntries(outcomes), durations: since(now.durations, before.durations) };
}

function laneSince(now: LaneTotal, before: LaneTotal): LaneTotal {
  return {
    ended: now.ended - before.ended,
    failed: now.failed - before.failed,
    shed: now.shed - before.shed,
    durations: since(now.durations, before.durations),
  };
}

function since(now: Counts, before: Counts): Counts {
  return now.map((count, index) => count - (before[index] ?? 0));
}
