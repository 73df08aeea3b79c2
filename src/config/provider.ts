// One provider: what the file states over what the registry knows over the shared numbers.
import type { LaneConfig, ProviderConfig } from '../contracts/provider-config.ts';
import type { DialectName } from '../contracts/dialect-name.ts';
import type { ProviderAuth, ProviderRecord, Spoken } from '../contracts/provider.ts';
import { suggestion } from '../names/nearest.ts';
import { manners } from '../registry/manners.ts';
import { baseUrlFault, plainBaseUrl } from './base-url.ts';
import type { BuildContext, SharedNumbers } from './build-context.ts';
import { DEFAULT_AUTO, DEFAULT_LANE, defaultQueue } from './schema/defaults.ts';
import { baseUrlVariable } from './environment.ts';
import { missingText, placeOfRecord } from './provider-address.ts';
import { buildGrpc, grpcUrlFault, grpcWay, plainUrl } from './provider-grpc.ts';
import { buildProviderKeys } from './provider-keys.ts';
import { buildLoad } from './provider-load.ts';
import { chooseProxy } from './provider-proxy.ts';
import { buildStorage } from './provider-storage.ts';
import { buildTls } from './provider-tls.ts';
import type { ProviderEntry } from './schema/provider.ts';

/** Headers the gateway or the connection owns. */
const OWN_HEADERS = new Set([
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
]);

const CUSTOM_QUIRKS = { streamUsage: true, legacyMaxTokens: true } as const;

/** The provider `name`, or null after reporting why there is none. */
export function buildProvider(
  name: string,
  entry: ProviderEntry,
  shared: SharedNumbers,
  context: BuildContext,
): ProviderConfig | null {
  const path = ['providers', name];
  const record = recordOf(name, entry, context.records);
  const urlVariable = baseUrlVariable(name);
  const envUrl = context.env[urlVariable]?.trim() || undefined;
  const statedUrl = envUrl ?? entry.baseUrl;
  if (record === undefined && name === 'demo' && entry.dialect === undefined && statedUrl === undefined) {
    return demoProvider(name, shared, entry);
  }
  const place = record === undefined ? null : placeOfRecord(record, entry, statedUrl, context);
  const dialects = statedDialects(entry) ?? place?.speaks.map(({ dialect }) => dialect);
  const region = place?.region ?? regionFor(entry, context);
  const url = place === null ? statedUrl : plainUrl(place.url, record);
  if (place?.missing !== undefined) {
    context.report(path, missingText(place.missing));
    return null;
  }
  if (dialects === undefined || url === undefined) {
    const missing = [dialects === undefined ? '`dialect`' : '', url === undefined ? '`baseUrl`' : ''];
    const hint = suggestion(
      name,
      context.records.map((known) => known.name),
    );
    context.report(
      path,
      `not a provider Headgate knows, so it also needs ${missing.filter(Boolean).join(' and ')}${hint}`,
    );
    return null;
  }
  const unknown = dialects.some((dialect) => spokenBy(record?.speaks, dialect) === undefined);
  if (record !== undefined && unknown && statedUrl === undefined) {
    context.report([...path, 'dialect'], 'another dialect than the known one also needs its `baseUrl`');
  }
  const fault = baseUrlFault(url) ?? (record?.grpc === undefined ? null : grpcUrlFault(url));
  if (fault !== null) {
    if (envUrl === undefined) context.report([...path, 'baseUrl'], fault);
    else context.reportEnv(urlVariable, fault);
  } else if (
    /\/v1\/*$/.test(new URL(url).pathname) &&
    !dialects.some((dialect) => manners[dialect].versionInBaseUrl)
  ) {
    context.note(`provider ${name}: the base URL of an ${dialects[0]} provider usually goes without /v1`);
  }

  const signsIn = entry.auth === 'none' || entry.passthrough === true ? undefined : record;
  const keys = buildProviderKeys(name, entry.keys ?? [], signsIn, { provider: name, region, url }, context);
  // What there is without it is for API keys alone.
  if (place?.absent !== undefined && keys.some(({ credential }) => credential !== undefined))
    context.report(path, missingText(place.absent));
  const known = place?.speaks.map((spoken) => (dialects.length === 1 ? standingIn(spoken, url) : spoken));
  const speaks = chooseSpoken(name, entry, record, known, dialects, keys.length > 0, context);
  if (entry.passthrough === true && (keys.length > 0 || (entry.auth !== undefined && entry.auth !== 'none')))
    context.report(
      [...path, 'passthrough'],
      'callers bring their own credential: it takes no `keys` and no `auth`',
    );
  const keyless = speaks.every(({ auth }) => auth.kind === 'none');
  const signs = speaks.some(({ auth }) => auth.kind === 'aws');
  if (!signs && keys.some(({ aws, credential }) => aws !== undefined || credential?.source?.kind === 'aws'))
    context.report([...path, 'keys'], 'a key pair needs `auth: aws`');
  return {
    name,
    ...(record && { vendor: record.name }),
    speaks,
    baseUrl: plainBaseUrl(url),
    ...(signs
      ? { region }
      : place?.region !== undefined || entry.region !== undefined
        ? { region: (place?.region ?? entry.region)! }
        : {}),
    ...kindOf(name, entry, record, context),
    ...(entry.passthrough === true ? { passthrough: true } : {}),
    keys: keyless ? [] : keys,
    models: [...(entry.models ?? record?.modelPatterns ?? ['*'])],
    modelsDeclared: entry.models !== undefined,
    headers: chooseHeaders(name, entry, speaks, context),
    lane: chooseLane(entry.lane, shared),
    connections: { ...shared.connections, ...entry.connections },
    ...(fault === null
      ? chooseWay(name, grpcWay(name, entry, record, url, context), new URL(url), context)
      : {}),
    ...(fault === null ? loadOf(name, entry, record, url, context) : {}),
    timeouts: { ...shared.timeouts, ...entry.timeouts },
    retries: { ...shared.retries, ...entry.retries },
    cooldown: { ...shared.cooldown, ...entry.cooldown },
    breaker: { ...shared.breaker, ...entry.breaker },
    ...(fault === null ? buildStorage(name, entry.batchStorage, speaks, url, region, context) : {}),
    ...(entry.promptCache === 'auto' && { promptCache: entry.promptCache }),
    quirks: { ...(record?.quirks ?? CUSTOM_QUIRKS), ...entry.quirks },
    ...(record?.endpoints && (place?.own || record.grpc) && { endpoints: record.endpoints }),
  };
}

/** Of one that is asked by gRPC the protocol says enough. */
function recordOf(
  name: string,
  { vendor, grpc }: ProviderEntry,
  records: readonly ProviderRecord[],
): ProviderRecord | undefined {
  const known = records.find((record) => record.name === (vendor ?? name));
  if (known !== undefined || grpc?.protocol === undefined) return known;
  return records.find((record) => record.grpc === grpc.protocol);
}

function loadOf(
  name: string,
  { load }: ProviderEntry,
  record: ProviderRecord | undefined,
  url: string,
  context: BuildContext,
): Pick<ProviderConfig, 'load'> {
  const built = load === undefined ? null : buildLoad(name, load, record, url, context);
  return built === null ? {} : { load: built };
}

function kindOf(
  name: string,
  entry: ProviderEntry,
  record: ProviderRecord | undefined,
  context: BuildContext,
): Pick<ProviderConfig, 'kind' | 'grpc'> {
  if (record?.grpc !== undefined) return { kind: 'grpc', grpc: buildGrpc(name, entry, record.grpc, context) };
  if (entry.grpc !== undefined)
    context.report(
      ['providers', name, 'grpc'],
      'this provider is asked by HTTP: another `vendor`, or a `protocol`',
    );
  return { kind: 'http' };
}

/** The responder inside the gateway. It answers to any name, so that every client's first call works. */
export function demoProvider(name: string, shared: SharedNumbers, entry: ProviderEntry): ProviderConfig {
  return {
    name,
    speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'none' } }],
    baseUrl: '',
    kind: 'demo',
    keys: [],
    models: [...(entry.models ?? ['demo', '*'])],
    modelsDeclared: true,
    headers: {},
    lane: chooseLane(entry.lane, shared),
    timeouts: { ...shared.timeouts, ...entry.timeouts },
    retries: { ...shared.retries, ...entry.retries },
    cooldown: { ...shared.cooldown, ...entry.cooldown },
    breaker: { ...shared.breaker, ...entry.breaker },
    quirks: { ...CUSTOM_QUIRKS, ...entry.quirks },
    endpoints: {},
  };
}

/** As AWS's own tools find it. */
function regionFor({ region }: ProviderEntry, { env }: BuildContext): string {
  return region ?? (env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || 'us-east-1');
}

/** A list is taken as it stands; Bedrock alone is all routes of its runtime. */
function statedDialects({ dialect }: ProviderEntry): readonly DialectName[] | undefined {
  if (dialect === undefined || Array.isArray(dialect)) return dialect;
  return dialect === 'bedrock' ? ['bedrock', 'bedrock-invoke'] : [dialect];
}

function spokenBy(speaks: readonly Spoken[] | undefined, dialect: DialectName): Spoken | undefined {
  return speaks?.find((spoken) => spoken.dialect === dialect);
}

/** A base URL that was stated for one dialect may end in that one's path already. */
function standingIn(spoken: Spoken, url: string): Spoken {
  const { path } = spoken;
  return path !== '' && plainBaseUrl(url).split('?')[0]!.endsWith(path) ? { ...spoken, path: '' } : spoken;
}

function chooseSpoken(
  name: string,
  entry: ProviderEntry,
  record: ProviderRecord | undefined,
  known: readonly Spoken[] | undefined,
  dialects: readonly DialectName[],
  hasKeys: boolean,
  context: BuildContext,
): Spoken[] {
  for (const dialect of Object.keys(entry.paths ?? {})) {
    if (!dialects.some((spoken) => spoken === dialect))
      context.report(
        ['providers', name, 'paths', dialect],
        'a path for a dialect that the provider does not speak',
      );
  }
  const stated = statedAuth(name, entry, record, hasKeys, context);
  return dialects.map((dialect) => {
    const own = spokenBy(known, dialect);
    return {
      ...own,
      dialect,
      path: (statedPath(entry, dialect) ?? own?.path ?? '').replace(/\/+$/, ''),
      auth: stated ?? own?.auth ?? manners[dialect].auth,
    };
  });
}

/** The routes of Bedrock's runtime lie in one place, where nothing else is stated. */
function statedPath({ paths }: ProviderEntry, dialect: DialectName): string | undefined {
  return paths?.[dialect] ?? (dialect === 'bedrock-invoke' ? paths?.bedrock : undefined);
}

/** What the file says of authentication, for all dialects; null when each keeps its own. */
function statedAuth(
  name: string,
  entry: ProviderEntry,
  record: ProviderRecord | undefined,
  hasKeys: boolean,
  context: BuildContext,
): ProviderAuth | null {
  const path = ['providers', name, 'auth'];
  if (entry.auth === 'none' || entry.passthrough === true) {
    if ((entry.keys ?? []).length > 0) context.report(path, '`none` does not go together with `keys`');
    return { kind: 'none' };
  }
  if (!hasKeys) {
    const variables = record?.keyEnv ?? [];
    if (variables.length > 0) {
      const state = `set ${variables.join(' or ')}, or state \`keys\` (or \`auth: none\` if it takes none)`;
      context.report(['providers', name], `no key: ${state}`);
    } else if (entry.auth !== undefined) {
      context.report(path, 'a way to send a key, but no `keys`');
    }
    return { kind: 'none' };
  }
  if (entry.auth === 'bearer' || entry.auth === 'aws') return { kind: entry.auth };
  if (entry.auth !== undefined) return { kind: 'header', name: entry.auth.header.toLowerCase() };
  return null;
}

function chooseHeaders(
  name: string,
  entry: ProviderEntry,
  speaks: readonly Spoken[],
  context: BuildContext,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const authHeaders = speaks.map(({ auth }) =>
    auth.kind === 'header' ? auth.name : auth.kind === 'none' ? '' : 'authorization',
  );
  for (const [key, value] of Object.entries(entry.headers ?? {})) {
    const lower = key.toLowerCase();
    const path = ['providers', name, 'headers', key];
    if (OWN_HEADERS.has(lower)) context.report(path, 'the gateway sets this header itself');
    else if (authHeaders.includes(lower)) context.report(path, 'this header carries the key; use `keys`');
    else if (Object.hasOwn(headers, lower)) context.report(path, 'this header stands twice');
    else headers[lower] = value;
  }
  return headers;
}

/** How its connections come about. */
function chooseWay(
  name: string,
  entry: ProviderEntry,
  url: URL,
  context: BuildContext,
): Pick<ProviderConfig, 'proxy' | 'tls'> {
  const proxy = chooseProxy(name, entry.proxy, url, context);
  const tls = entry.tls === undefined ? null : buildTls(name, entry.tls, url, context);
  return { ...(proxy === null ? {} : { proxy }), ...(tls === null ? {} : { tls }) };
}

function chooseLane(stated: ProviderEntry['lane'], shared: SharedNumbers): LaneConfig {
  const wanted = stated?.concurrency ?? shared.lane.concurrency;
  const most = stated?.maxConcurrency ?? shared.lane.maxConcurrency ?? DEFAULT_LANE.concurrency;
  const least = stated?.minConcurrency ?? shared.lane.minConcurrency ?? DEFAULT_AUTO.min;
  const concurrency = wanted === 'auto' ? most : wanted;
  return {
    concurrency,
    ...(wanted === 'auto' && { auto: { min: Math.min(least, most) } }),
    queue: stated?.queue ?? shared.lane.queue ?? defaultQueue(concurrency),
    queueTimeoutMs: stated?.queueTimeoutMs ?? shared.lane.queueTimeoutMs,
    onFull: stated?.onFull ?? shared.lane.onFull,
  };
}
