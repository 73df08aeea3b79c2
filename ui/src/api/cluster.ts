// The gateway as it is now, as `/api/cluster` shows it and its stream tells each second. All who look share one stream.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, openStream } from './client.ts';
import { readEvents } from './events.ts';
import { asProblem, type Problem } from './problem.ts';

export interface Resting {
  readonly model: string;
  readonly forMs: number;
  readonly limited: boolean;
}

export interface LaneView {
  readonly provider: string;
  readonly paused: boolean;
  readonly inFlight: number;
  readonly slots: number;
  readonly queued: number;
  readonly queueSlots: number;
  readonly streams: number;
  readonly windowMs: number;
  readonly ratePerSecond: number;
  readonly errorRate: number | null;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly shed: number;
  readonly keys: readonly {
    readonly alias: string;
    readonly up: number;
    readonly resting: readonly Resting[];
  }[];
  readonly cooling: readonly { readonly model: string; readonly forMs: number; readonly stated: boolean }[];
  readonly circuits?: readonly { readonly model: string; readonly state: string; readonly since: number }[];
}

export interface WorkerView {
  readonly index: number;
  readonly pid: number;
  readonly state: 'loading' | 'configuring' | 'serving' | 'draining' | 'gone';
  readonly uptimeMs: number;
  readonly restarts: number;
  readonly configVersion: number;
  readonly memoryBytes: number | null;
  readonly connections: number | null;
  readonly loopDelayMs: { readonly p50: number; readonly p95: number } | null;
}

export interface NodeView {
  readonly name: string;
  readonly version: string;
  readonly pid: number;
  readonly status: 'ok' | 'degraded' | 'draining';
  readonly uptimeMs: number;
  readonly configVersion: number;
  readonly memoryBytes: number | null;
  readonly restarts: number;
  readonly workers: readonly WorkerView[];
}

export interface PluginView {
  readonly name: string;
  readonly mode: string;
  readonly state: string;
  readonly hooks: readonly string[];
  /** `start`: it could not be loaded or reached; `errors`: it failed too often; '' = it is on. */
  readonly reason: '' | 'start' | 'errors';
  readonly fault: string;
  /** ms since 1970. */
  readonly since: number;
  readonly workers: { readonly on: number; readonly of: number };
  readonly windowMs: number;
  readonly calls: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly passedBy: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
}

export interface ClusterView {
  readonly at: number;
  readonly version: string;
  readonly url: string;
  readonly status?: 'ok' | 'degraded' | 'draining';
  readonly nodes: readonly NodeView[];
  readonly lanes: readonly LaneView[];
  readonly plugins?: readonly PluginView[];
  readonly redis: { readonly state: string };
  readonly store: { readonly kind: string; readonly state: string };
  readonly config?: {
    readonly version: number;
    readonly workersBehind: number;
    readonly lastReload: {
      readonly ok: boolean;
      readonly at: number | string;
      readonly problems: number;
    } | null;
  };
}

const AGAIN_MS = 2_000;

/** Null: not known yet. Stays when the stream breaks off: `clusterProblem` says so. */
export const cluster = signal<ClusterView | null>(null);
export const clusterProblem = signal<Problem | null>(null);

const watching = { count: 0, gone: new AbortController() };

/** While somebody looks, it goes on. */
export function useCluster(): ClusterView | null {
  useEffect(() => {
    watching.count += 1;
    if (watching.count === 1) {
      watching.gone = new AbortController();
      void follow(watching.gone.signal);
    }
    return () => {
      watching.count -= 1;
      if (watching.count === 0) watching.gone.abort();
    };
  }, []);
  return cluster.value;
}

async function follow(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      cluster.value = await get<ClusterView>('/api/cluster', signal);
      clusterProblem.value = null;
      await readEvents(await openStream('/api/cluster/stream', signal), ({ event, data }) => {
        if (event === 'cluster') cluster.value = JSON.parse(data) as ClusterView; // the API's own shape
      });
    } catch (error) {
      if (signal.aborted) return;
      clusterProblem.value = asProblem(error);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
