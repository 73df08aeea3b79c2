// A gateway as people look at it, second by second: its processes, and what its lanes do. Made by the primary
// (cluster/views/cluster-view.ts) when somebody asks; nothing of it is in the path of a request.
import type { CircuitState } from './circuit.ts';
import type { PluginView } from './plugin-port.ts';

export interface ClusterView {
  /** ms since 1970. */
  readonly at: number;
  readonly nodes: readonly NodeView[];
  readonly lanes: readonly LaneView[];
  readonly redis: RedisView;
  /** In the order of the configuration. */
  readonly plugins: readonly PluginStateView[];
}

export interface NodeView {
  /** Name of the machine. */
  readonly name: string;
  readonly version: string;
  /** Of the primary. */
  readonly pid: number;
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly uptimeMs: number;
  readonly configVersion: number;
  /** Resident, of the primary; null = cannot be read. */
  readonly memoryBytes: number | null;
  /** Workers that were started in place of one that died. */
  readonly restarts: number;
  readonly workers: readonly WorkerView[];
}

export interface WorkerView {
  readonly index: number;
  readonly pid: number;
  readonly state: 'loading' | 'configuring' | 'serving' | 'draining' | 'gone';
  readonly uptimeMs: number;
  /** Of this place, since the gateway started. */
  readonly restarts: number;
  /** In force there; 0 = none yet. */
  readonly configVersion: number;
  /** Resident; null = not told yet. */
  readonly memoryBytes: number | null;
  readonly connections: number | null;
  /** How late its timers fire, over the window; null = not told yet. */
  readonly loopDelayMs: Delays | null;
}

/** Upper bounds by the buckets of the metrics. */
export interface Delays {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

export interface LaneView {
  readonly provider: string;
  /** Nobody is sent there. */
  readonly paused: boolean;
  readonly inFlight: number;
  readonly slots: number;
  readonly queued: number;
  readonly queueSlots: number;
  readonly streams: number;
  /** Of the rates below, ms: up to a minute. */
  readonly windowMs: number;
  /** Attempts that ended, per second. */
  readonly ratePerSecond: number;
  /** 0 to 1, of those that ended; null = none did. */
  readonly errorRate: number | null;
  /** Of attempts, request sent to last byte; null = none ended. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  /** Refused by a full or slow queue, in the window. */
  readonly shed: number;
  readonly keys: readonly LaneKeyView[];
  readonly cooling: readonly CoolingView[];
  readonly circuits: readonly LaneCircuitView[];
}

export interface LaneKeyView {
  readonly alias: string;
  /** Share of the workers on which it is usable. */
  readonly up: number;
  readonly resting: readonly RestView[];
}

export interface RestView {
  readonly model: string;
  /** What is left, ms. */
  readonly forMs: number;
  /** It ran into a limit; else it may not be used. */
  readonly limited: boolean;
}

export interface CoolingView {
  readonly model: string;
  readonly forMs: number;
  /** The provider said for how long. */
  readonly stated: boolean;
}

export interface LaneCircuitView {
  readonly model: string;
  readonly state: CircuitState;
  /** ms since 1970. */
  readonly since: number;
}

/** `off`: none is configured. `partly`: not every worker reaches it. */
export interface RedisView {
  readonly state: 'off' | 'up' | 'partly' | 'down' | 'unknown';
}

/** A plugin over all workers. `state`, `fault` and `since`: of the worker where it is worst. */
export interface PluginStateView extends PluginView {
  /** On how many of the workers that serve it is on. */
  readonly workers: { readonly on: number; readonly of: number };
  /** Of the counts and times below, ms: up to a minute. */
  readonly windowMs: number;
  /** Hooks that it was asked for, however they ended. */
  readonly calls: number;
  /** Of `calls`: those that failed, and those that took too long. */
  readonly errors: number;
  readonly timeouts: number;
  /** Hooks that it was not asked for, since it was not on or too much waited for it; no part of `calls`. */
  readonly passedBy: number;
  /** What a hook took; null = none ended. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}
