// The primary's side of metrics and the only file that knows prom-client: adds up the workers' deltas and prints them.
// Totals outlive the workers that earned them, so a restart never lowers a counter; a dead worker's gauges vanish.
import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';
import type { Metric, Registry } from 'prom-client';
import type { MetricDelta } from '../contracts/ipc.ts';
import {
  type CounterName,
  type FamilyName,
  type GaugeName,
  type LabelValues,
  METRIC_FAMILIES,
  type MetricFamily,
  OVERFLOW_LABEL,
} from './metric-families.ts';

/** A family and its series as they stand. */
export interface MetricReading {
  readonly name: string;
  readonly row: MetricFamily;
  readonly series: Iterable<MetricSeries>;
}

/** One label set. Counters and gauges have `value`; histograms `counts` (one per bound, then +Inf), `sum` and `count`. */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly counts: Float64Array;
  readonly sum: number;
  readonly count: number;
}

export interface MetricTotals {
  /** Adds a worker's delta. `worker` names one life of a worker: a restarted one comes under another name. */
  merge(worker: string, delta: MetricDelta): void;
  /** Forgets the gauges of a worker that is gone; what it counted stays. */
  workerGone(worker: string): void;
  /** The primary's own gauges and counters. */
  setGauge<F extends GaugeName>(family: F, labels: LabelValues<F>, value: number): void;
  inc<F extends CounterName>(family: F, labels: LabelValues<F>, amount?: number): void;
  /** Everything there is now, family by family; good until the next turn of the event loop. */
  read(): Iterable<MetricReading>;
  /** The page for Prometheus, text format 0.0.4. Scrapes that come together share one rendering. */
  text(): Promise<string>;
  readonly contentType: string;
}

/** Over all workers and their lives; workers cap their own part (recorder.ts). */
const SERIES_PER_FAMILY = 8000;
/** Of them for labels that callers choose, which differ from worker to worker: they bound the size of a scrape. */
const MODEST_PER_FAMILY = 300;
/** Name under which the primary's own gauges are kept. */
const PRIMARY = '';

/** One label set over all workers. Counters use `value`, histograms `counts` (one per bound, then +Inf) and both sums. */
interface Total {
  /** Kept as one object: prom-client caches the printed form of shared labels by identity. */
  readonly labels: Record<string, string>;
  value: number;
  readonly counts: Float64Array;
  sum: number;
  count: number;
  /** Gauges: the last value of each living worker. */
  readonly byWorker: Map<string, number>;
}

interface Family {
  readonly row: MetricFamily;
  readonly name: string;
  readonly totals: Map<string, Total>;
  /** Of them, those whose labels callers chose. */
  modest: number;
}

/** A line as prom-client's registry prints it. */
interface Sample {
  metricName?: string;
  labels: Record<string, string>;
  sharedLabels?: Record<string, string>;
  value: number;
}

/** Makes the totals of a process group; owned by the primary. */
export function createMetricTotals(): MetricTotals {
  const families = new Map<string, Family>();
  for (const [name, row] of Object.entries(METRIC_FAMILIES)) {
    families.set(name, { row, name, totals: new Map(), modest: 0 });
  }
  let registry: Registry | null = null;
  /** Series id -> total, per living worker. */
  const workers = new Map<string, (Total | undefined)[]>();
  let rendering: Promise<string> | null = null;

  /** @param modest labels that callers choose: over all workers, too, they push nobody out. */
  function open(family: Family, values: readonly string[], modest: boolean): Total {
    const key = values.join('\0');
    const known = family.totals.get(key);
    if (known !== undefined) return known;
    const overflow = family.row.labels.map(() => OVERFLOW_LABEL);
    const full = family.totals.size >= SERIES_PER_FAMILY || (modest && family.modest >= MODEST_PER_FAMILY);
    if (full && key !== overflow.join('\0')) return open(family, overflow, false);
    const total: Total = {
      labels: Object.fromEntries(family.row.labels.map((label, at) => [label, values[at] ?? ''])),
      value: 0,
      counts: new Float64Array(family.row.type === 'histogram' ? (family.row.buckets?.length ?? 0) + 1 : 0),
      sum: 0,
      count: 0,
      byWorker: new Map(),
    };
    family.totals.set(key, total);
    if (modest) family.modest++;
    return total;
  }

  const own = (name: FamilyName, values: readonly string[]): Total =>
    open(families.get(name)!, values, false);

  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',

    merge(worker, delta) {
      let known = workers.get(worker);
      if (known === undefined) workers.set(worker, (known = []));
      for (const [id, name, values, modest] of delta.series) {
        const family = families.get(name);
        // A worker of another release may know families we do not: those are left out, nothing else is.
        if (family !== undefined && family.row.labels.length === values.length)
          known[id] = open(family, values, modest === true);
      }
      for (const [id, amount] of delta.counters) {
        const total = known[id];
        if (total !== undefined) total.value += amount;
      }
      for (const [id, sum, count, counts] of delta.histograms) {
        const total = known[id];
        if (total === undefined || total.counts.length !== counts.length) continue;
        for (let at = 0; at < counts.length; at++) total.counts[at]! += counts[at]!;
        total.sum += sum;
        total.count += count;
      }
      for (const [id, value] of delta.gauges) known[id]?.byWorker.set(worker, value);
    },

    workerGone(worker) {
      workers.delete(worker);
      for (const family of families.values()) {
        if (family.row.type !== 'gauge') continue;
        for (const [key, total] of family.totals) {
          total.byWorker.delete(worker);
          if (total.byWorker.size === 0) family.totals.delete(key);
        }
      }
    },

    setGauge: (family, labels, value) => void own(family, labels).byWorker.set(PRIMARY, value),

    inc(family, labels, amount = 1) {
      own(family, labels).value += amount;
    },

    *read() {
      for (const family of families.values()) {
        if (family.totals.size === 0) continue;
        yield { name: family.name, row: family.row, series: seriesOf(family, workers.size) };
      }
    },

    text() {
      registry ??= register(families.values(), () => workers.size);
      rendering ??= registry.metrics().finally(() => {
        rendering = null;
      });
      return rendering;
    },
  };
}

/** prom-client is loaded by the first scrape: the start does not wait for it. */
function register(families: Iterable<Family>, workers: () => number): Registry {
  const { Registry } = createRequire(import.meta.url)('prom-client') as typeof PromClient;
  const registry = new Registry();
  for (const family of families) {
    const { name, row } = family;
    // prom-client asks a metric for nothing but its name and get(); its own classes cannot hold merged buckets.
    const metric = {
      name,
      get: async () => ({ name, help: row.help, type: row.type, values: samplesOf(family, workers()) }),
    };
    registry.registerMetric(metric as unknown as Metric);
  }
  return registry;
}

function* seriesOf(family: Family, workers: number): Iterable<MetricSeries> {
  for (const total of family.totals.values())
    yield family.row.type === 'gauge' ? { ...total, value: gaugeValue(family, total, workers) } : total;
}

function samplesOf(family: Family, workers: number): Sample[] {
  const samples: Sample[] = [];
  for (const total of family.totals.values()) {
    if (family.row.type === 'counter') samples.push({ labels: total.labels, value: total.value });
    else if (family.row.type === 'gauge')
      samples.push({ labels: total.labels, value: gaugeValue(family, total, workers) });
    else addHistogram(samples, family, total);
  }
  return samples;
}

/** @param workers that told of anything */
function gaugeValue({ row }: Family, { byWorker }: Total, workers: number): number {
  let sum = 0;
  for (const value of byWorker.values()) sum += value;
  if (row.merge === 'mean') return sum / byWorker.size;
  return row.merge === 'mean-of-all' ? sum / Math.max(workers, byWorker.size) : sum;
}

/** Cumulative buckets, sum and count, each under its own name as the text format wants it. */
function addHistogram(samples: Sample[], family: Family, total: Total): void {
  const bounds = family.row.buckets ?? [];
  const sharedLabels = total.labels;
  let below = 0;
  for (let at = 0; at <= bounds.length; at++) {
    below += total.counts[at]!;
    const le = at < bounds.length ? String(bounds[at]) : '+Inf';
    samples.push({ metricName: `${family.name}_bucket`, labels: { le }, sharedLabels, value: below });
  }
  samples.push({ metricName: `${family.name}_sum`, labels: {}, sharedLabels, value: total.sum });
  samples.push({ metricName: `${family.name}_count`, labels: {}, sharedLabels, value: total.count });
}
