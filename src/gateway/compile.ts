// From a configuration to what calls begin with: the snapshot and the flows of its operations.
import type { Config } from '../contracts/config.ts';
import type { Credentials } from '../contracts/credential.ts';
import type { GatewayPorts } from '../contracts/gateway.ts';
import type { Shares } from '../contracts/ipc.ts';
import type { LimitAuthority } from '../contracts/limits.ts';
import type { Snapshot } from '../contracts/snapshot.ts';
import { Networks } from '../governance/networks.ts';
import { createFragmentMask } from '../observability/key-fragments.ts';
import { createSecretMask } from '../observability/redact.ts';
import { directoryOf } from '../pipeline/who/directory.ts';
import { compileFlows, type Flows, type Seams, type StageEntries } from '../pipeline/flows.ts';
import { dialectByName } from '../registry/dialects.ts';
import { operations } from '../registry/operations.ts';
import { createModelTable } from '../routing/model-table.ts';
import type { Effects } from './effects.ts';
import type { Metering } from './metering.ts';
import { certificatesOf } from './certificates.ts';
import { createTokens } from './tokens.ts';
import type { Traces } from './traces.ts';

export interface Compiled {
  readonly snapshot: Snapshot;
  readonly flows: Flows;
  /** Of calls that the gateway makes for another one. */
  readonly innerFlows: Flows;
  /** Who owns the counters of its limits. */
  readonly authority: LimitAuthority;
}

export type Compile = (config: Config, version: number, shares: Shares) => Compiled;

/** @returns a function that throws when a config cannot be compiled. */
export function createCompile(
  ports: GatewayPorts,
  { lanes, limiter, loads, prices, signals, turns }: Effects,
  metering: Metering,
  traces: Traces,
  stages: StageEntries,
  seams: Seams,
): Compile {
  const identify: Snapshot['identify'] = (credential) => ports.directory.find(credential);
  const knowsAll = (): boolean => ports.directory.knowsAll?.() ?? true;
  const secretOf: Snapshot['secretOf'] = (accessKeyId) => ports.directory.secretOf(accessKeyId);
  const tokens = createTokens(ports.clock, ports.directory, metering.recorder);
  return (config, version, shares) => {
    // What could fail comes before the lanes change: a config is taken whole or not at all.
    const mask = maskOf(config, ports.credentials);
    const identifyScraper = scrapersOf(config);
    ports.names.configure(config.dns);
    const { trustedProxies } = config.server;
    const proxies = trustedProxies === undefined ? null : new Networks(trustedProxies);
    const authority = ports.limitAuthority(config, metering.authority);
    const limits = limiter.compile(
      config.limits,
      config.providers.map(({ name }) => name),
      authority,
      {
        holders: config.server.workers,
        strict: config.redis?.mode === 'strict',
        failOpen: config.redis?.onFailure === 'open',
        ietf: config.server.ietfRateLimit,
        unknownPrice: config.unknownPrice,
        keyRules: config.keyRules,
        version,
      },
    );
    const { store } = config.responses;
    turns.configure(config.responses, store === 'auto' ? ports.sharedTurns(config) : null);
    const set = lanes.apply(config.providers, shares, config.server.workers);
    const known = prices.under(config);
    signals.configure(config.providers);
    const models = createModelTable({
      providers: config.providers,
      aliases: config.models,
      capabilities: config.capabilities,
      fetchesMedia: config.mediaFetch.enabled,
      lane: (name) => set.get(name)!,
      dialect: dialectByName,
      priceOf: known.find,
      balance: { loads, costOf: known.costOf, start: Number(ports.worker) || 0, signalOf: signals.of },
    });
    return {
      snapshot: {
        version,
        config,
        lanes: set,
        models,
        limits,
        identify,
        secretOf,
        knowsAll,
        identifyScraper,
        tokens: tokens(config),
        certificates: certificatesOf(config, ports.directory),
        tracing: traces.configure(config),
        proxies,
        mask,
      },
      flows: compileFlows(operations, stages, seams, { config, limits }),
      innerFlows: compileFlows(operations, stages, seams, { config, limits }, true),
      authority,
    };
  };
}

function scrapersOf({ server }: Config): Snapshot['identifyScraper'] {
  if (server.metricsKey === undefined) return null;
  const scrapers = directoryOf([{ name: 'metrics', value: server.metricsKey }]);
  return (credential) => scrapers.find(credential);
}

function maskOf({ providers }: Config, credentials: Credentials | undefined): Snapshot['mask'] {
  const keys = providers.flatMap((provider) =>
    provider.keys.flatMap(({ value, aws }) =>
      aws?.sessionToken === undefined ? [value] : [value, aws.sessionToken],
    ),
  );
  const whole = createSecretMask(keys).maskBuffer;
  const parts = createFragmentMask(keys);
  if (credentials === undefined) return (bytes) => parts(whole(bytes));
  return (bytes) => parts(whole(credentials.mask(bytes)));
}
