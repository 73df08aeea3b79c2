// Lanes as they are now: of /metrics, two readings after each other make rates.
import { useEffect, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../../api/problem.ts';
import { type Metrics, quantileBetween, readMetrics, sumOf, valuesOf } from '../../format/prometheus.ts';

export type LaneState = 'flows' | 'full' | 'resting' | 'blocked' | 'paused';

export interface Lane {
  readonly name: string;
  readonly state: LaneState;
  readonly inFlight: number;
  /** Null: no number is known. */
  readonly slots: number | null;
  readonly waiting: number;
  readonly queue: number | null;
  /** Attempts; null = not known yet. */
  readonly perSecond: number | null;
  readonly p95Ms: number | null;
  /** What is wrong, in words. */
  readonly marks: readonly string[];
}

export const LANE_METRICS: ReadonlySet<string> = new Set([
  'headgate_in_flight_requests',
  'headgate_queue_depth',
  'headgate_shed_total',
  'headgate_upstream_key_up',
  'headgate_targets_cooling',
  'headgate_upstream_duration_seconds_count',
  'headgate_upstream_duration_seconds_bucket',
]);

const EVERY_MS = 1_000;
/** Rates are of the last so many readings. */
const WINDOW = 15;

export interface Reading {
  readonly at: number;
  readonly metrics: Metrics;
}

/** @param first an older reading; null = there is none yet */
export function lanesOf(first: Reading | null, last: Reading): Lane[] {
  const { metrics } = last;
  return valuesOf(metrics, 'headgate_in_flight_requests', 'provider')
    .filter((name) => name !== '')
    .map((name) => laneOf(name, first, last))
    .sort((a, b) => a.name.localeCompare(b.name));
}

function laneOf(provider: string, first: Reading | null, last: Reading): Lane {
  const { metrics } = last;
  const own = { provider };
  const sum = (name: string): number => sumOf(metrics, name, own) ?? 0;
  const since = (name: string): number =>
    first === null ? 0 : sum(name) - (sumOf(first.metrics, name, own) ?? 0);
  const keys = (metrics.get('headgate_upstream_key_up') ?? []).filter(
    ({ labels }) => labels['provider'] === provider,
  );
  const resting = keys.filter(({ value }) => value < 1);
  const dead = keys.length > 0 && keys.every(({ value }) => value === 0);
  const cooling = sum('headgate_targets_cooling');
  const shed = since('headgate_shed_total');
  const inFlight = sum('headgate_in_flight_requests');
  const waiting = sum('headgate_queue_depth');
  const marks = [
    ...(resting.length > 0 ? [`${resting.length} of ${keys.length} keys rest`] : []),
    ...(cooling > 0 ? [`${cooling >= 1 ? Math.round(cooling) : 'some'} models cool down`] : []),
    ...(shed > 0 ? [`${Math.round(shed)} calls shed`] : []),
  ];
  const seconds = first === null ? 0 : (last.at - first.at) / 1_000;
  const p95 =
    first === null
      ? null
      : quantileBetween(first.metrics, metrics, 'headgate_upstream_duration_seconds', own, 0.95);
  return {
    name: provider,
    state: dead
      ? 'blocked'
      : shed > 0
        ? 'full'
        : resting.length > 0 || cooling > 0
          ? 'resting'
          : waiting > 0
            ? 'full'
            : 'flows',
    inFlight,
    slots: null,
    waiting,
    queue: waiting > 0 ? Math.max(10, waiting) : null,
    perSecond: seconds === 0 ? null : since('headgate_upstream_duration_seconds_count') / seconds,
    p95Ms: p95 === null ? null : p95 * 1_000,
    marks,
  };
}

/** Null: not read yet. */
export function useLanes(): { lanes: readonly Lane[] | null; problem: Problem | null } {
  const [state, setState] = useState<{ lanes: readonly Lane[] | null; problem: Problem | null }>({
    lanes: null,
    problem: null,
  });
  useEffect(() => {
    const gone = new AbortController();
    const readings: Reading[] = [];
    let timer: ReturnType<typeof setTimeout>;
    const ask = async (): Promise<void> => {
      if (!document.hidden) {
        try {
          const response = await fetch('/metrics', { signal: gone.signal });
          if (!response.ok) throw new Error(`/metrics answered ${response.status}`);
          readings.push({ at: performance.now(), metrics: readMetrics(await response.text(), LANE_METRICS) });
          if (readings.length > WINDOW) readings.shift();
          const last = readings.at(-1)!;
          setState({ lanes: lanesOf(readings.length > 1 ? readings[0]! : null, last), problem: null });
        } catch (error) {
          if (gone.signal.aborted) return;
          setState((before) => ({ ...before, problem: asProblem(error) }));
        }
      }
      timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, []);
  return state;
}
