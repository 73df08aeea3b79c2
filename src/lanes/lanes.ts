// The lanes of a worker through all its configurations. A provider that stays where it was keeps its lane: queue,
// sockets, resting keys. One that moved gets a new lane and the old one closes behind its last call.
import { isDeepStrictEqual } from 'node:util';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Shares } from '../contracts/ipc.ts';
import type { CircuitListener, Lane, ShareBroker, ShareHolder } from '../contracts/lane.ts';
import type { Names } from '../contracts/names.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { LineGate } from '../observability/line-gate.ts';
import type { ConnectFailure } from '../upstream/connect-failure.ts';
import { createDemoUpstream } from '../upstream/demo.ts';
import type { createModelServer } from '../upstream/http2/model-server.ts';
import { createLeanUpstream } from '../upstream/lean-client.ts';
import { createLane, type WorkerLane } from './lane.ts';

/** A provider without a total clock may stream for ever; its old connections are closed after this all the same. */
const ENDLESS_MS = 3_600_000;
/** Sockets close a little after the clock of the last call on them. */
const GRACE_MS = 5_000;
/** The dispatcher's connect clock decides; the client's own, for nobody's sake but its sockets', runs out after it. */
const AFTER_CLOCK_MS = 1_000;
/** close() waits so long for calls that should have ended before. */
const CLOSE_WAIT_MS = 2_000;

export interface LanesDeps {
  clock: Clock;
  broker: ShareBroker;
  /** For connections by name; own look-ups by default. */
  names?: Names | undefined;
  /** Hears why a provider cannot be reached, once a second at most for each. */
  log?: LogPort | undefined;
  /** Connections of a provider; HTTP/1.1 or the demo by default. */
  createUpstream?: ((provider: ProviderConfig) => Upstream) | undefined;
  /** Makes the connections to a provider of kind `grpc`; absent = none may be configured. */
  modelServer?: typeof createModelServer | undefined;
  random?: (() => number) | undefined;
  circuitChanged?: CircuitListener | undefined;
}

export interface Lanes {
  /**
   * The lanes of a new configuration, by provider name. Shares are absolute. @param workers that have such lanes; 1 by default
   * @throws when connections to a provider cannot be set up: nothing has changed then.
   */
  apply(providers: readonly ProviderConfig[], shares: Shares, workers?: number): ReadonlyMap<string, Lane>;
  /** The lane that now has this name. */
  holder(name: string): ShareHolder | undefined;
  /** All lanes, those included that wait for their last call. Resolves after two seconds at the latest. */
  close(): Promise<void>;
}

const NO_SHARE = { run: 0, wait: 0 };

/** An empty set of lanes. */
export function createLanes(deps: LanesDeps): Lanes {
  const make = deps.createUpstream ?? ((provider) => createUpstream(provider, deps));
  let lanes: ReadonlyMap<string, WorkerLane> = new Map();
  const closing = new Set<Promise<void>>();
  let crew = 1;
  const workers = (): number => crew;

  function retire(lane: WorkerLane): void {
    const closed: Promise<void> = lane
      .close()
      .catch(() => {})
      .finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    apply(providers, shares, count = 1) {
      const next = new Map<string, WorkerLane>();
      const adoptions: (() => void)[] = [];
      for (const provider of providers) {
        const share = shares[provider.name] ?? NO_SHARE;
        const old = lanes.get(provider.name);
        if (old === undefined || moved(old.provider, provider)) {
          next.set(
            provider.name,
            createLane(provider, { ...deps, workers, share, upstream: make(provider) }),
          );
        } else {
          const upstream = outgrown(old.provider, provider) ? make(provider) : null;
          adoptions.push(() => old.adopt(provider, share, upstream));
          next.set(provider.name, old);
        }
      }
      // Nothing below throws.
      crew = count;
      const before = lanes;
      lanes = next;
      for (const adopt of adoptions) adopt();
      for (const [name, lane] of before) if (next.get(name) !== lane) retire(lane);
      return next;
    },
    holder: (name) => lanes.get(name),
    async close() {
      for (const lane of lanes.values()) retire(lane);
      lanes = new Map();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, CLOSE_WAIT_MS);
      });
      await Promise.race([Promise.all(closing), late]);
      clearTimeout(timer);
    },
  };
}

/** Another server: what is queued or running must not get there, and its sockets are of no use. */
function moved(old: ProviderConfig, now: ProviderConfig): boolean {
  return old.kind !== now.kind || old.baseUrl !== now.baseUrl;
}

/** The same server, but the number of sockets, the connect clock and the way there are fixed when connections are set up. */
function outgrown(old: ProviderConfig, now: ProviderConfig): boolean {
  return (
    now.lane.concurrency > old.lane.concurrency ||
    now.timeouts.connectMs !== old.timeouts.connectMs ||
    now.proxy !== old.proxy ||
    !isDeepStrictEqual([now.tls, now.connections, now.grpc], [old.tls, old.connections, old.grpc])
  );
}

/** Connections to a provider, as its lane has them. */
export function createUpstream(
  provider: ProviderConfig,
  { clock, names, log, modelServer }: Pick<LanesDeps, 'clock' | 'names' | 'log' | 'modelServer'>,
): Upstream {
  if (provider.kind === 'demo') return createDemoUpstream({ clock });
  const { totalMs, connectMs } = provider.timeouts;
  const connectTimeoutMs = connectMs > 0 ? connectMs + AFTER_CLOCK_MS : 0;
  const closeTimeoutMs = totalMs > 0 ? totalMs + GRACE_MS : ENDLESS_MS;
  if (provider.kind === 'grpc') {
    const onUnreachable = log === undefined ? undefined : unreachable(provider, log, clock);
    if (modelServer === undefined) throw new Error('connections by gRPC are not loaded');
    return modelServer(provider, { clock, names, connectTimeoutMs, closeTimeoutMs, onUnreachable });
  }
  return createLeanUpstream({
    baseUrl: provider.baseUrl,
    connections: provider.lane.concurrency,
    connectTimeoutMs,
    closeTimeoutMs,
    tls: provider.tls,
    proxy: provider.proxy,
    maxConnectionAgeMs: provider.connections?.maxAgeMs,
    names,
    onUnreachable: log === undefined ? undefined : unreachable(provider, log, clock),
    now: () => clock.now(),
  });
}

/** Where and why, for the log; the client hears neither host nor errno. */
function unreachable(
  provider: ProviderConfig,
  log: LogPort,
  clock: Clock,
): (failure: ConnectFailure) => void {
  const gate = new LineGate(log, clock);
  const proxied = provider.proxy !== undefined;
  return (failure) =>
    gate.say('warn', { provider: provider.name, ...failure, proxied }, 'cannot connect to the provider');
}
