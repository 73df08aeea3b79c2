// How the processes of the gateway did over the last day: a sample a minute, in memory alone. Who starts behind a death of the gatehouse
// begins anew, and says since when.
import type { ClusterView } from '../../src/contracts/cluster-view.ts';

const MINUTE_MS = 60_000;
/** A day. */
const SLOTS = 1_440;
/** Processes that are remembered: 23 KB each. */
const MAX_SERIES = 128;
/** Points of a line: more than a chart has room for. */
const MAX_POINTS = 288;

const GAUGES = ['loopDelayMs', 'memoryBytes', 'connections', 'restarts'] as const;
export type Gauge = (typeof GAUGES)[number];

export interface ProcessHistory {
  readonly node: string;
  /** Null: the primary. */
  readonly worker: number | null;
  /** A value for each of `starts`: the highest within the step, of `restarts` the last; null = nothing is known. */
  readonly values: Readonly<Record<Gauge, readonly (number | null)[]>>;
}

export interface HistoryView {
  /** When the first sample was taken, ms since 1970; null = none yet. */
  readonly since: number | null;
  readonly stepMs: number;
  readonly starts: readonly number[];
  readonly processes: readonly ProcessHistory[];
}

export interface ClusterHistory {
  /** The sample of a minute; of several within one the last counts. */
  take(view: Pick<ClusterView, 'at' | 'nodes'>): void;
  view(): HistoryView;
}

interface Kept {
  readonly node: string;
  readonly worker: number | null;
  seen: number;
  readonly rings: Readonly<Record<Gauge, Float32Array>>;
}

export function createClusterHistory(): ClusterHistory {
  const kept = new Map<string, Kept>();
  /** Minutes since 1970. */
  let first: number | null = null;
  let last = 0;

  /** What stood in the ring a day ago is not of today. */
  function moveTo(slot: number): void {
    for (let at = Math.max(last + 1, slot - SLOTS + 1); at <= slot; at++)
      for (const { rings } of kept.values())
        for (const gauge of GAUGES) rings[gauge][at % SLOTS] = Number.NaN;
    last = slot;
  }

  function keptOf(node: string, worker: number | null): Kept | null {
    const key = `${node}/${worker ?? 'primary'}`;
    let own = kept.get(key);
    if (own !== undefined) return own;
    if (kept.size >= MAX_SERIES) {
      const [oldest] = [...kept].sort(([, one], [, other]) => one.seen - other.seen);
      if (oldest === undefined || oldest[1].seen === last) return null;
      kept.delete(oldest[0]);
    }
    const ring = (): Float32Array => new Float32Array(SLOTS).fill(Number.NaN);
    const rings = { loopDelayMs: ring(), memoryBytes: ring(), connections: ring(), restarts: ring() };
    kept.set(key, (own = { node, worker, seen: last, rings }));
    return own;
  }

  function put(
    node: string,
    worker: number | null,
    values: Readonly<Partial<Record<Gauge, number | null>>>,
  ): void {
    const own = keptOf(node, worker);
    if (own === null) return;
    own.seen = last;
    for (const gauge of GAUGES) own.rings[gauge][last % SLOTS] = values[gauge] ?? Number.NaN;
  }

  return {
    take({ at, nodes }) {
      const slot = Math.floor(at / MINUTE_MS);
      // A clock that was set back: the minutes it repeats are there already.
      if (first !== null && slot < last) return;
      moveTo(slot);
      first ??= slot;
      for (const node of nodes) {
        put(node.name, null, { memoryBytes: node.memoryBytes, restarts: node.restarts });
        for (const { index, loopDelayMs, memoryBytes, connections, restarts } of node.workers)
          put(node.name, index, {
            loopDelayMs: loopDelayMs?.p95 ?? null,
            memoryBytes,
            connections,
            restarts,
          });
      }
    },
    view() {
      if (first === null) return { since: null, stepMs: MINUTE_MS, starts: [], processes: [] };
      const begin = Math.max(first, last - SLOTS + 1);
      const width = Math.ceil((last - begin + 1) / MAX_POINTS);
      const steps: number[] = [];
      for (let at = begin - (begin % width); at <= last; at += width) steps.push(at);
      // The oldest part of a step, which is about to be forgotten.
      if (steps.length > MAX_POINTS) steps.shift();
      const inside = [...kept.values()].filter(({ seen }) => seen >= begin);
      return {
        since: begin * MINUTE_MS,
        stepMs: width * MINUTE_MS,
        starts: steps.map((step) => step * MINUTE_MS),
        processes: inside.map(({ node, worker, rings }) => {
          const line = (gauge: Gauge): (number | null)[] =>
            steps.map((step) => {
              const from = Math.max(step, begin);
              return stepOf(rings[gauge], from, Math.min(step + width - 1, last), gauge === 'restarts');
            });
          return {
            node,
            worker,
            values: {
              loopDelayMs: line('loopDelayMs'),
              memoryBytes: line('memoryBytes'),
              connections: line('connections'),
              restarts: line('restarts'),
            },
          };
        }),
      };
    },
  };
}

/** The highest value between two minutes, or the last. */
function stepOf(ring: Float32Array, from: number, to: number, newest: boolean): number | null {
  let found: number | null = null;
  for (let at = from; at <= to; at++) {
    const value = ring[at % SLOTS]!;
    if (!Number.isNaN(value) && (newest || found === null || value > found)) found = value;
  }
  return found;
}
