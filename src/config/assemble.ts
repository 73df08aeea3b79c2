// A checked file (environment already laid over it) with defaults filled in: the Config that everything else runs on,
// and the keys of callers beside it.
import type { AdminConfig } from '../contracts/admin.ts';
import type { RouteTimeouts } from '../contracts/attempt-config.ts';
import type { Config } from '../contracts/config.ts';
import type { ClientKey } from '../contracts/directory.ts';
import { buildAccess, checkMetricsKey, checkProxies } from './access.ts';
import { buildAdmin } from './admin.ts';
import { buildAlerts } from './alerts.ts';
import { buildAliases } from './aliases.ts';
import type { BuildContext, SharedNumbers } from './build-context.ts';
import { buildCache } from './cache.ts';
import {
  DEFAULT_BREAKER,
  DEFAULT_CHAT_SOCKET,
  DEFAULT_HEARTBEAT,
  DEFAULT_COALESCE,
  DEFAULT_CONNECTIONS,
  DEFAULT_COOLDOWN,
  DEFAULT_LANE,
  DEFAULT_MEDIA_FETCH,
  DEFAULT_RESCUE,
  DEFAULT_BATCHES,
  DEFAULT_IDEMPOTENCY,
  DEFAULT_OVERLOAD,
  DEFAULT_RESPONSES,
  DEFAULT_RETRIES,
  DEFAULT_SERVER,
  DEFAULT_TIMEOUTS,
} from './schema/defaults.ts';
import { buildDns } from './dns.ts';
import { buildGuardrails } from './guardrails.ts';
import { buildPlugins } from './plugins.ts';
import { checkGroups } from './holders.ts';
import { buildMtls } from './mtls.ts';
import { buildJwt } from './jwt.ts';
import { withRates } from './lane-rates.ts';
import { buildListeners } from './listeners.ts';
import { buildOperations } from './operations.ts';
import { buildPriceChanges, buildPrices } from './prices.ts';
import { buildProviders } from './providers.ts';
import { buildLimits, buildRedis } from './rate-limits.ts';
import { buildLog } from './request-log.ts';
import type { FileConfig } from './schema/schema.ts';
import { buildTelemetry } from './telemetry.ts';

export interface Assembled {
  config: Config;
  /** Of callers, in the order of the file. */
  keys: ClientKey[];
  /** Of the primary and the gatehouse alone. */
  admin: AdminConfig;
}

/**
 * Builds what can be built; sections in which the schema found fault are taken as absent, so that the caller can
 * report the faults of all sections at once. The result counts only if nothing was reported.
 */
export function assemble(stated: FileConfig, cores: number, context: BuildContext): Assembled {
  const file = soundSections(stated, context);
  const shared: SharedNumbers = {
    lane: { ...DEFAULT_LANE, queue: null, ...file.lane },
    timeouts: { ...DEFAULT_TIMEOUTS, ...file.timeouts },
    retries: { ...DEFAULT_RETRIES, ...file.retries },
    cooldown: { ...DEFAULT_COOLDOWN, ...file.cooldown },
    breaker: { ...DEFAULT_BREAKER, ...file.breaker },
    connections: { ...DEFAULT_CONNECTIONS, ...file.connections },
  };
  const access = buildAccess(file, context);
  checkMetricsKey(file, context);
  checkGroups(file, context);
  checkProxies(file, context);
  const customerHeader = file.auth?.customerHeader;
  const { providers, names } = buildProviders(stated.providers ?? {}, shared, context);
  const {
    host: _host,
    corsOrigins: _origins,
    listeners: _listeners,
    chatSocket,
    heartbeat,
    ...server
  } = file.server ?? {};
  const routes: RouteTimeouts = {};
  for (const [route, entry] of Object.entries(file.routes ?? {})) {
    if (entry?.timeouts) routes[route] = { ...entry.timeouts };
  }
  const limits = buildLimits(file, access.keys, context);
  const config: Config = {
    server: {
      ...DEFAULT_SERVER,
      workers: cores,
      ...server,
      host: access.host,
      corsOrigins: access.corsOrigins,
      chatSocket: { ...DEFAULT_CHAT_SOCKET, ...chatSocket },
      heartbeat: { ...DEFAULT_HEARTBEAT, ...heartbeat },
      ...buildListeners(file, access.host, access.onlyHere, context),
    },
    log: buildLog(file.log),
    auth: { anonymous: access.anonymous, ...(customerHeader === undefined ? {} : { customerHeader }) },
    ...buildJwt(file, context),
    ...buildMtls(file, context),
    timeouts: { routes },
    providers: withRates(providers, limits),
    ...buildAliases(stated.models ?? {}, file.cache, providers, names, context),
    ...buildPrices(stated.prices, context),
    ...(file.usageCost === undefined
      ? {}
      : { usageCost: { keys: file.usageCost.keys ?? null, routes: file.usageCost.routes ?? null } }),
    ...buildPriceChanges(stated.priceChanges, context),
    ...(file.unknownPrice === undefined ? {} : { unknownPrice: file.unknownPrice }),
    rescue: { ...DEFAULT_RESCUE, ...file.rescue },
    ...buildGuardrails(stated, file, context),
    ...buildPlugins(file, context),
    limits,
    redis: buildRedis(file, context),
    dns: buildDns(file.dns, context),
    mediaFetch: { ...DEFAULT_MEDIA_FETCH, ...file.mediaFetch },
    responses: { ...DEFAULT_RESPONSES, ...file.responses },
    ...buildCache(file.cache, stated.models, context),
    overload: { ...DEFAULT_OVERLOAD, ...file.overload },
    batches: { ...DEFAULT_BATCHES, ...file.batches },
    idempotency: { ...DEFAULT_IDEMPOTENCY, ...file.idempotency },
    coalesce: { ...DEFAULT_COALESCE, ...file.coalesce },
    ...buildOperations(file, providers, context),
    ...buildTelemetry(file, context),
    ...buildAlerts(file, context),
    notes: [],
  };
  return { config, keys: access.keys, admin: buildAdmin(file, context) };
}

/** `providers` and `models` are judged entry by entry; of the other sections, those without fault. */
function soundSections(file: FileConfig, context: BuildContext): FileConfig {
  const sections = Object.entries(file).filter(([key]) => context.sound([key]));
  return Object.fromEntries(sections) as FileConfig;
}
