// The gateway as it is looked at: processes, lanes, what rests. Put together when somebody asks, from what the primary knows.
import { hostname } from 'node:os';
import type {
  ClusterView,
  Delays,
  LaneView,
  NodeView,
  RedisView,
  WorkerView,
} from '../../src/contracts/cluster-view.ts';
import type { CircuitView } from '../../src/contracts/circuit.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { ProviderConfig } from '../../src/contracts/provider-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Rest } from '../../src/contracts/rests.ts';
import { residentBytes } from '../../src/observability/measured.ts';
import {
  type Activity,
  type ActivityBook,
  type Counts,
  DURATION_BOUNDS,
  LAG_BOUNDS,
  quantile,
} from './activity.ts';
import type { Life } from '../crew/life.ts';
import { pluginViews } from './plugin-view.ts';

export interface ClusterViewDeps {
  readonly clock: Clock;
  readonly version: string;
  readonly activity: ActivityBook;
  config(): Config;
  configVersion(): number;
  lives(): readonly Life[];
  status(): NodeView['status'];
  rests(): readonly Rest[];
  circuits(): readonly CircuitView[];
}

export interface ClusterViews {
  /** A worker was started in place of this one. */
  replaced(life: Life): void;
  /** Now and then, so that there is something to compare with. */
  look(): void;
  view(): ClusterView;
}

export function createClusterViews(deps: ClusterViewDeps): ClusterViews {
  const { clock, activity } = deps;
  const startedAt = clock.now();
  const restarts = new Map<number, number>();

  function node(now: number, seen: Activity): NodeView {
    return {
      name: hostname(),
      version: deps.version,
      pid: process.pid,
      status: deps.status(),
      uptimeMs: Math.round(now - startedAt),
      configVersion: deps.configVersion(),
      memoryBytes: residentBytes(),
      restarts: [...restarts.values()].reduce((sum, count) => sum + count, 0),
      workers: deps.lives().map((life) => worker(life, now, seen)),
    };
  }

  function worker(life: Life, now: number, seen: Activity): WorkerView {
    const name = String(life.index);
    return {
      index: life.index,
      pid: life.pid,
      state: life.state,
      uptimeMs: Math.round(now - life.startedAt),
      restarts: restarts.get(life.index) ?? 0,
      configVersion: life.version,
      memoryBytes: seen.gauge('headgate_resident_memory_bytes', 'worker', name),
      connections: seen.gauge('headgate_client_connections', 'worker', name),
      loopDelayMs: delays(seen.lag(name), LAG_BOUNDS),
    };
  }

  return {
    replaced: ({ index }) => void restarts.set(index, (restarts.get(index) ?? 0) + 1),
    look: () => activity.look(clock.now()),
    view() {
      const now = clock.now();
      const seen = activity.read(now);
      const config = deps.config();
      const rests = deps.rests();
      const circuits = deps.circuits();
      return {
        at: clock.wall(),
        nodes: [node(now, seen)],
        lanes: config.providers.map((provider) => laneView(provider, seen, rests, circuits)),
        redis: redisView(config, seen),
        plugins: pluginViews(config.plugins ?? [], deps.lives(), seen),
      };
    },
  };
}

function laneView(
  { name, lane, keys }: ProviderConfig,
  seen: Activity,
  rests: readonly Rest[],
  circuits: readonly CircuitView[],
): LaneView {
  const { ended, failed, shed, durations } = seen.lane(name);
  const times = delays(durations, DURATION_BOUNDS);
  const own = rests.filter((rest) => rest.lane === name);
  const resting = own.filter((rest) => rest.kind === 'key');
  return {
    provider: name,
    paused: lane.concurrency === 0,
    inFlight: seen.gauge('headgate_in_flight_requests', 'provider', name) ?? 0,
    slots: lane.concurrency,
    queued: seen.gauge('headgate_queue_depth', 'provider', name) ?? 0,
    queueSlots: lane.queue,
    streams: seen.gauge('headgate_streams_open', 'provider', name) ?? 0,
    windowMs: Math.round(seen.windowMs),
    ratePerSecond: seen.windowMs > 0 ? rounded((ended * 1_000) / seen.windowMs) : 0,
    errorRate: ended > 0 ? rounded(failed / ended) : null,
    p50Ms: times?.p50 ?? null,
    p95Ms: times?.p95 ?? null,
    p99Ms: times?.p99 ?? null,
    shed,
    keys: keys.map(({ alias }) => ({
      alias,
      up: rounded(seen.gaugeOf('headgate_upstream_key_up', name, alias) ?? 1),
      resting: resting
        .filter(({ key }) => key === alias)
        .map(({ model, forMs, limited }) => ({ model, forMs: Math.round(forMs), limited })),
    })),
    cooling: own
      .filter(({ kind }) => kind === 'target')
      .map(({ model, forMs, stated }) => ({ model, forMs: Math.round(forMs), stated })),
    circuits: circuits
      .filter(({ provider }) => provider === name)
      .map(({ model, state, since }) => ({ model, state, since })),
  };
}

function redisView({ redis }: Config, seen: Activity): RedisView {
  if (redis === null) return { state: 'off' };
  const up = seen.gauge('headgate_dependency_up', 'dependency', 'redis');
  if (up === null) return { state: 'unknown' };
  return { state: up === 1 ? 'up' : up === 0 ? 'down' : 'partly' };
}

function delays(counts: Counts, boundsS: readonly number[]): Delays | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(counts, boundsS, share) ?? null);
  // Of nothing there is none of them.
  return p50 == null || p95 == null || p99 == null
    ? null
    : { p50: p50 * 1_000, p95: p95 * 1_000, p99: p99 * 1_000 };
}

const rounded = (value: number): number => Number(value.toFixed(4));
