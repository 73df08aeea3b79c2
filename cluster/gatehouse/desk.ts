// What the gatehouse asks of the primary, on behalf of people: how the gateway does, and what only the primary can do.
import { shownBaseUrl } from '../../src/config/base-url.ts';
import { ConfigError } from '../../src/config/problem.ts';
import type { Config } from '../../src/contracts/config.ts';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { ConfigProblem, ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { Recharge } from '../../src/contracts/recharge.ts';
import { regionOf } from '../../src/models/region.ts';
import { vendorOf } from '../../src/models/vendor.ts';
import type { CacheDesk } from './cache-desk.ts';
import type { WorkerLook } from '../../src/contracts/worker-look.ts';
import type { ClusterViews } from '../views/cluster-view.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Life } from '../crew/life.ts';

/** Workers take a new configuration in far less; one that stands still for longer holds nobody up. */
const SETTLE_MS = 4_000;
const LOOK_MS = 10;

export interface DeskDeps {
  readonly views: Pick<ClusterViews, 'view'>;
  readonly cache: Pick<CacheDesk, 'ask'>;
  configuration(): Pick<Configuration, 'config' | 'version' | 'lastReload'>;
  lives(): readonly Life[];
  /** Loads what there would be. @throws ConfigError */
  check(managed: ManagedConfig): Promise<void>;
  /** Resolves when what was told of before is in force here. */
  inForce(): Promise<void>;
  /** Resolves when the workers have heard what they were told. */
  heard(): Promise<void>;
  /** Resolves when charges of calls that ended until now can be read. @returns workers that did not say so in time. */
  written(): Promise<number>;
  /** Asks a worker. */
  look(what: WorkerLook): Promise<unknown>;
  /** Ends rests. @returns how many there were. */
  reset(provider: string, model: string | null): number;
  /** Budgets follow corrected charges; what a token stands for once. */
  recharge(token: string, charges: readonly Recharge[]): Promise<null>;
}

/** Answers one question; what it throws is told as a refusal. */
export type Desk = (ask: GatehouseAsk) => unknown;

export function createDesk(deps: DeskDeps): Desk {
  const { views, configuration, lives } = deps;

  async function problems(managed: ManagedConfig): Promise<readonly ConfigProblem[]> {
    try {
      await deps.check(managed);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      if (error.details.length > 0) return error.details;
      return error.problems.map((message) => ({ path: '', message, source: 'file' }));
    }
  }

  /** Until every worker has the newest, or some do not come to it. */
  async function settled(): Promise<object> {
    await deps.inForce();
    const behind = (): number =>
      lives().filter(({ state, version }) => state === 'serving' && version !== configuration().version)
        .length;
    for (let waited = 0; behind() > 0 && waited < SETTLE_MS; waited += LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const { version, lastReload } = configuration();
    return {
      version,
      workersBehind: behind(),
      problems: lastReload?.ok === false ? lastReload.problems : [],
    };
  }

  return (ask) => {
    switch (ask.do) {
      case 'look':
        return views.view();
      case 'cache':
        return deps.cache.ask(ask.wanted);
      case 'check':
        return problems(ask.managed);
      case 'settle':
        return settled();
      case 'heard':
        return deps
          .inForce()
          .then(deps.heard)
          .then(() => null);
      case 'written':
        return deps.written().then((behind) => ({ behind }));
      case 'effective':
        return shownConfig(configuration().config);
      case 'worker':
        return deps.look(ask.what);
      case 'reset':
        return { ended: deps.reset(ask.provider, ask.model) };
      case 'recharge':
        return deps.recharge(ask.token, ask.charges);
    }
  };
}

/** What is in force, defaults included. Named member by member: nothing secret comes along by accident. */
function shownConfig(config: Config): object {
  const { server, log, auth, models, capabilities, prices, priceChanges, rescue, limits } = config;
  const { responses, mediaFetch } = config;
  const { metricsKey: _key, listeners: _listeners, ...shownServer } = server;
  return {
    server: shownServer,
    log,
    auth,
    routes: config.timeouts.routes,
    providers: config.providers.map((provider) => ({
      name: provider.name,
      vendor: vendorOf(provider),
      dialects: provider.speaks.map(({ dialect }) => dialect),
      baseUrl: shownBaseUrl(provider.baseUrl),
      region: regionOf(provider),
      keys: provider.keys.map(({ alias, weight, models: own }) => ({ alias, weight, models: own })),
      models: provider.models,
      lane: provider.lane,
      timeouts: provider.timeouts,
      retries: provider.retries,
      cooldown: provider.cooldown,
      breaker: provider.breaker,
    })),
    models,
    capabilities,
    prices: prices ?? {},
    priceChanges: priceChanges ?? [],
    rescue,
    limits,
    responses,
    mediaFetch,
    redis: config.redis === null ? null : { mode: config.redis.mode, onFailure: config.redis.onFailure },
  };
}
