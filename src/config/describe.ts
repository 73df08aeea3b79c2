// A configuration in words, for `headgate check`. No secret is in it: keys are cut down to a few characters, header
// values are left out.
import type { CooldownConfig } from '../contracts/attempt-config.ts';
import type { Config } from '../contracts/config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { ClientKey } from '../contracts/directory.ts';
import type { NodeListenerConfig } from '../contracts/listener.ts';
import type { TelemetryConfig } from '../contracts/telemetry.ts';
import { rateText } from '../limits/rate-text.ts';
import { shownBaseUrl } from './base-url.ts';
import { DEFAULT_REDIS } from './schema/defaults.ts';
import { maskKey } from './secrets.ts';

/** The whole configuration as a person wants to see it before a start. Ends without a line break. */
export function describeConfig(config: Config, keys: readonly ClientKey[]): string {
  const { server, log, auth, providers, models } = config;
  const lines = [
    `listen     ${[address(server.host, server.port), ...(server.listeners ?? []).map(listenerText)].join(', ')}`,
    `processes  ${count(server.workers, 'worker')}, ${count(server.threads, 'thread')} each for bodies over ${server.offloadBytes} bytes`,
    `bodies     up to ${server.maxBodyBytes} bytes, whole within ${ms(server.bodyTimeoutMs)}${server.normaliseText ? ', text normalised' : ''}`,
    `stopping   ${ms(server.preStopMs)} before listeners close, streams end within ${ms(server.drainTimeoutMs)}`,
    `watching   a slow client for ${ms(server.clientProgressMs)}, a worker standing still for ${ms(server.watchdogMs)}`,
    `browsers   ${server.corsOrigins.join(', ')}`,
    `metrics    ${server.metricsKey === undefined ? 'open to everybody who reaches the port' : `for who presents ${maskKey(server.metricsKey)}`}`,
    `telemetry  ${describeTelemetry(config.telemetry)}`,
    `log        ${log.level}, access lines ${log.access ? 'on' : 'off'}, format ${log.format}`,
    `callers    ${describeCallers(keys, auth.anonymous)}`,
    '',
    'providers',
    ...providers.flatMap(describeProvider),
  ];
  const aliases = Object.entries(models);
  if (aliases.length > 0) {
    lines.push(
      '',
      'aliases',
      ...aliases.map(([name, { targets }]) => `  ${name}  →  ${targets.join(', then ')}`),
    );
  }
  const jobs = config.operations ?? [];
  if (jobs.length > 0)
    lines.push('', 'jobs', ...jobs.map(({ path, model }) => `  POST ${path}  →  ${model}`));
  if (config.limits.length > 0) lines.push('', ...describeLimits(config));
  const routes = Object.entries(config.timeouts.routes);
  if (routes.length > 0) {
    lines.push('', 'routes', ...routes.map(([route, clocks]) => `  ${route}  ${describeClocks(clocks)}`));
  }
  return lines.join('\n');
}

/** A listener beside `server.port`: where it is, and what is spoken there. */
export function listenerText(listener: NodeListenerConfig): string {
  const { port, host, unix, tls, http2, grpc, proxyProtocol } = listener;
  const where = port === null ? `unix:${unix}` : address(host, port);
  const spoken = [
    ...(grpc ? ['gRPC'] : []),
    ...(tls === null ? [] : ['TLS']),
    ...(http2 && !grpc ? ['HTTP/2'] : []),
    ...(proxyProtocol ? ['PROXY'] : []),
  ];
  return spoken.length === 0 ? where : `${where} (${spoken.join(', ')})`;
}

const address = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Public model names and where they lead, for `headgate models`: `[name, targets]` in the order of /v1/models. */
export function listModels(config: Config): [name: string, targets: string][] {
  const aliases = Object.entries(config.models).map(([name, { targets }]): [string, string] => [
    name,
    targets.join(', then '),
  ]);
  const own = config.providers.flatMap((provider) => {
    const rest: [string, string] = [
      `${provider.name}/…`,
      `any model of ${provider.name} (${where(provider)})`,
    ];
    const named = provider.models.map((model): [string, string] => [model, `${provider.name}/${model}`]);
    return provider.modelsDeclared ? named : [...named, rest];
  });
  return [...aliases, ...own];
}

function describeTelemetry(telemetry: TelemetryConfig | undefined): string {
  if (telemetry === undefined) return 'to nobody';
  const { endpoint, traces, metrics } = telemetry;
  const traced = traces.enabled
    ? `${Number((traces.sampleRatio * 100).toFixed(2))} % of calls traced`
    : 'no traces';
  const counted = metrics.intervalMs > 0 ? `metrics every ${ms(metrics.intervalMs)}` : 'no metrics';
  return `${endpoint}: ${traced}, ${counted}`;
}

function describeLimits({ limits, redis }: Config): string[] {
  const where =
    redis === null
      ? 'counted in this gateway'
      : `counted in Redis (${redis.mode}, fails ${redis.onFailure}, after ${redis.timeoutMs ?? DEFAULT_REDIS.timeoutMs} ms)`;
  return [
    `limits (${where})`,
    ...limits.map((rule) => {
      const { name, dimension, per, match, limit, periodMs } = rule;
      const what = dimension === 'concurrent' ? 'calls at the same time' : dimension;
      const only = Object.entries(match).flatMap(([key, pattern]) =>
        pattern === null ? [] : [`${key} ${pattern}`],
      );
      const scope = per.length === 0 ? 'whole gateway' : `per ${per.join(' and ')}`;
      return `  ${name}  ${rateText(limit, periodMs)} ${what}, ${[scope, ...only].join(', ')}`;
    }),
  ];
}

function describeCallers(keys: readonly ClientKey[], anonymous: boolean): string {
  const known = keys.map((key) => `${key.name} (${maskKey(key.value)})`).join(', ');
  if (keys.length === 0) return 'anyone who reaches the port';
  return anonymous ? `${known}, and anyone without a key` : known;
}

function describeCooldown({ rateLimitMs, overloadMs, maxMs }: CooldownConfig): string {
  if (maxMs === 0) return 'off';
  return `as long as stated, else ${ms(rateLimitMs)} when limited and ${ms(overloadMs)} when overloaded, ${ms(maxMs)} at most`;
}

function describeProvider(provider: ProviderConfig): string[] {
  const { lane, retries, cooldown, quirks } = provider;
  const keys = provider.keys.map((key) => {
    const weight = key.weight === 1 ? '' : ` weight ${key.weight}`;
    const models = key.models.length === 0 ? '' : ` for ${key.models.join(', ')}`;
    const what =
      key.credential === undefined ? maskKey(key.value) : `renewed, by ${key.credential.source?.kind}`;
    return `${key.alias} (${what})${weight}${models}`;
  });
  const headers = Object.keys(provider.headers);
  return [
    `  ${provider.name}  ${where(provider)}`,
    `    keys      ${keys.length === 0 ? 'none' : keys.join('; ')}`,
    `    models    ${provider.models.length === 0 ? `as ${provider.name}/<model>` : provider.models.join(', ')}`,
    `    lane      ${lane.auto === undefined ? '' : `${lane.auto.min} to `}${lane.concurrency} in flight, ${lane.queue} waiting for up to ${ms(lane.queueTimeoutMs)}, then ${lane.onFull}`,
    `    timeouts  ${describeClocks(provider.timeouts)}`,
    `    retries   ${retries.max} per target, ${retries.maxAttempts} attempts in all, pause ${ms(retries.backoffMs)} to ${ms(retries.maxBackoffMs)}`,
    `    cooldown  ${describeCooldown(cooldown)}`,
    ...describeWay(provider),
    ...(headers.length === 0 ? [] : [`    headers   ${headers.join(', ')}`]),
    ...(quirks.streamUsage ? [] : ['    quirk     does not know stream_options']),
  ];
}

function describeWay({ connections, load, proxy, tls }: ProviderConfig): string[] {
  const maxAgeMs = connections?.maxAgeMs ?? 0;
  const own =
    tls === undefined
      ? []
      : [tls.ca && 'own authorities', tls.cert && 'a certificate of ours', tls.serverName];
  return [
    ...(maxAgeMs > 0 ? [`    sockets   used for ${ms(maxAgeMs)}`] : []),
    ...(load === undefined
      ? []
      : [`    load      ${load.source} of ${shownBaseUrl(load.url)}, every ${ms(load.everyMs)}`]),
    ...(proxy === undefined ? [] : [`    proxy     ${new URL(proxy).host}`]),
    ...(tls === undefined ? [] : [`    tls       ${own.filter(Boolean).join(', ')}`]),
  ];
}

function where(provider: ProviderConfig): string {
  if (provider.kind === 'demo') return 'built-in demo';
  const speaks =
    provider.grpc === undefined
      ? provider.speaks.map(({ dialect }) => dialect)
      : ['gRPC', provider.grpc.protocol];
  return `${speaks.join(', ')} at ${shownBaseUrl(provider.baseUrl)}`;
}

function describeClocks(clocks: object): string {
  return Object.entries(clocks)
    .map(([name, value]: [string, number]) => `${name.slice(0, -2)} ${value === 0 ? 'off' : ms(value)}`)
    .join(', ');
}

function ms(value: number): string {
  return value >= 1000 && value % 100 === 0 ? `${value / 1000} s` : `${value} ms`;
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}
