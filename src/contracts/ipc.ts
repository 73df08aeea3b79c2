// Every message between primary and worker, both directions. The far side of each fits one screen:
// cluster/link.ts in the primary, workers/link.ts in the worker. Packed by msgpackr.
import type { Config } from './config.ts';

export type ShareKind = 'run' | 'wait';

/** Share of each lane's gateway-wide numbers, by provider name. */
export type Shares = Record<string, { run: number; wait: number }>;

/** Metric increments since the last push: series id -> value; see observability/metrics. */
export interface MetricDelta {
  /** New series first seen in this push: numeric id (per worker life), family name, label values in family order. */
  series: [id: number, family: string, labels: string[]][];
  /** Counter increments [id, value]. */
  counters: [number, number][];
  /** Histogram increments [id, sum, count, bucket counts]. */
  histograms: [number, number, number, number[]][];
  /** Gauge values now [id, value]; a dead worker's gauges are dropped. */
  gauges: [number, number][];
}

export type ToWorker =
  | { t: 'config'; version: number; config: Config; shares: Shares }
  | { t: 'grant'; lane: string; kind: ShareKind; count: number }
  | { t: 'reclaim'; lane: string; kind: ShareKind; count: number; id: number }
  /** Readiness red and `connection: close` from now on; the listener closes after preStopMs, streams end by drainTimeoutMs. */
  | { t: 'drain'; reason: 'shutdown' | 'roll'; preStopMs: number; drainTimeoutMs: number }
  | { t: 'scraped'; id: number; text: string }
  | { t: 'health'; ready: boolean; detail: Record<string, unknown> };

export type ToPrimary =
  | { t: 'hello'; index: number; pid: number }
  | { t: 'applied'; version: number }
  | { t: 'rejected'; version: number; reason: string }
  | { t: 'listening'; port: number }
  | { t: 'beat' }
  | { t: 'want'; lane: string; kind: ShareKind; count: number }
  | { t: 'yielded'; lane: string; kind: ShareKind; count: number; id: number }
  | { t: 'metrics'; delta: MetricDelta }
  | { t: 'scrape'; id: number }
  | { t: 'drained'; open: number };
