// One provider: what the file states over what the registry knows over the shared numbers.
import type { LaneConfig, ProviderConfig } from '../contracts/config.ts';
import type { ProviderAuth, ProviderRecord } from '../contracts/provider.ts';
import { suggestion } from '../names/nearest.ts';
import { manners } from '../registry/manners.ts';
import { baseUrlFault } from './base-url.ts';
import type { BuildContext, SharedNumbers } from './build-context.ts';
import { QUEUE_PER_CONCURRENCY } from './defaults.ts';
import { baseUrlVariable } from './environment.ts';
import { buildProviderKeys } from './provider-keys.ts';
import type { ProviderEntry } from './schema-provider.ts';

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
  const record = context.records.find((known) => known.name === name);
  const urlVariable = baseUrlVariable(name);
  const envUrl = context.env[urlVariable]?.trim() || undefined;
  const statedUrl = envUrl ?? entry.baseUrl;
  if (record === undefined && name === 'demo' && entry.dialect === undefined && statedUrl === undefined) {
    return demoProvider(name, shared, entry);
  }
  const dialect = entry.dialect ?? record?.dialect;
  const url = statedUrl ?? record?.baseUrl;
  if (dialect === undefined || url === undefined) {
    const missing = [dialect === undefined ? '`dialect`' : '', url === undefined ? '`baseUrl`' : ''];
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
  if (record !== undefined && dialect !== record.dialect && statedUrl === undefined) {
    context.report([...path, 'dialect'], 'another dialect than the known one also needs its `baseUrl`');
  }
  const fault = baseUrlFault(url);
  if (fault !== null) {
    if (envUrl === undefined) context.report([...path, 'baseUrl'], fault);
    else context.reportEnv(urlVariable, fault);
  } else if (!manners[dialect].versionInBaseUrl && /\/v1\/*$/.test(url)) {
    context.note(`provider ${name}: the base URL of an ${dialect} provider usually goes without /v1`);
  }

  const keys = buildProviderKeys(name, entry.keys ?? [], record, context);
  const auth = chooseAuth(name, entry, record, dialect, keys.length > 0, context);
  return {
    name,
    dialect,
    baseUrl: url.replace(/\/+$/, ''),
    kind: 'http',
    auth,
    keys: auth.kind === 'none' ? [] : keys,
    models: [...(entry.models ?? record?.modelPatterns ?? ['*'])],
    modelsDeclared: entry.models !== undefined,
    headers: chooseHeaders(name, entry, auth, context),
    lane: chooseLane(entry.lane, shared),
    timeouts: { ...shared.timeouts, ...entry.timeouts },
    retries: { ...shared.retries, ...entry.retries },
    cooldown: { ...shared.cooldown, ...entry.cooldown },
    quirks: { ...(record?.quirks ?? CUSTOM_QUIRKS), ...entry.quirks },
  };
}

/** The responder inside the gateway. It answers to any name, so that every client's first call works. */
export function demoProvider(name: string, shared: SharedNumbers, entry: ProviderEntry): ProviderConfig {
  return {
    name,
    dialect: 'openai-chat',
    baseUrl: '',
    kind: 'demo',
    auth: { kind: 'none' },
    keys: [],
    models: [...(entry.models ?? ['demo', '*'])],
    modelsDeclared: true,
    headers: {},
    lane: chooseLane(entry.lane, shared),
    timeouts: { ...shared.timeouts, ...entry.timeouts },
    retries: { ...shared.retries, ...entry.retries },
    cooldown: { ...shared.cooldown, ...entry.cooldown },
    quirks: { ...CUSTOM_QUIRKS, ...entry.quirks },
  };
}

function chooseAuth(
  name: string,
  entry: ProviderEntry,
  record: ProviderRecord | undefined,
  dialect: ProviderConfig['dialect'],
  hasKeys: boolean,
  context: BuildContext,
): ProviderAuth {
  const path = ['providers', name, 'auth'];
  if (entry.auth === 'none') {
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
  if (entry.auth === 'bearer') return { kind: 'bearer' };
  if (entry.auth !== undefined) return { kind: 'header', name: entry.auth.header.toLowerCase() };
  if (record !== undefined && record.dialect === dialect) return record.auth;
  return manners[dialect].auth;
}

function chooseHeaders(
  name: string,
  entry: ProviderEntry,
  auth: ProviderAuth,
  context: BuildContext,
): Record<string, string> {
  const headers: Record<string, string> = {};
  const authHeader = auth.kind === 'header' ? auth.name : auth.kind === 'bearer' ? 'authorization' : '';
  for (const [key, value] of Object.entries(entry.headers ?? {})) {
    const lower = key.toLowerCase();
    const path = ['providers', name, 'headers', key];
    if (OWN_HEADERS.has(lower)) context.report(path, 'the gateway sets this header itself');
    else if (lower === authHeader) context.report(path, 'this header carries the key; use `keys`');
    else if (Object.hasOwn(headers, lower)) context.report(path, 'this header stands twice');
    else headers[lower] = value;
  }
  return headers;
}

function chooseLane(stated: ProviderEntry['lane'], shared: SharedNumbers): LaneConfig {
  const concurrency = stated?.concurrency ?? shared.lane.concurrency;
  return {
    concurrency,
    queue: stated?.queue ?? shared.lane.queue ?? concurrency * QUEUE_PER_CONCURRENCY,
    queueTimeoutMs: stated?.queueTimeoutMs ?? shared.lane.queueTimeoutMs,
    onFull: stated?.onFull ?? shared.lane.onFull,
  };
}
