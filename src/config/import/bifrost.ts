// Bifrost's config.json: providers with their keys and addresses, what its clients are, and virtual keys.
import { PROVIDERS } from '../../providers/registry.ts';
import type { Path } from '../path.ts';
import { type ImportAccount, isMapping, type Mapping } from './account.ts';
import { bifrostGovernance } from './bifrost-governance.ts';
import { BifrostPlaces, bifrostVendor, type PlacedKey } from './bifrost-places.ts';

const BASES: Readonly<Record<string, string>> = {
  openai: 'openai-chat',
  anthropic: 'anthropic',
  gemini: 'gemini',
  cohere: 'cohere',
  bedrock: 'bedrock',
};

/** The file as ours. What has no counterpart is in `account` afterwards. */
export function importBifrost(account: ImportAccount): Mapping {
  account.take(['$schema']);
  account.take(['version']);
  const dropsExcess = account.take(['client', 'drop_excess_requests']);
  const providers: Record<string, Mapping> = {};
  const places = new BifrostPlaces(account);
  for (const name of Object.keys(account.mapping(['providers'])))
    Object.assign(providers, providerOf(account, name, places));
  const models = places.models();
  const megabytes = account.number(['client', 'max_request_body_size_mb']);
  const origins = account.take(['client', 'allowed_origins']);
  const server = {
    ...(megabytes !== undefined && { maxBodyBytes: megabytes * 1024 * 1024 }),
    ...(Array.isArray(origins) && origins.length > 0 && { corsOrigins: origins }),
  };
  return {
    ...(Object.keys(server).length > 0 && { server }),
    ...bifrostGovernance(account, places),
    ...(typeof dropsExcess === 'boolean' && { lane: { onFull: dropsExcess ? 'shed' : 'block' } }),
    providers,
    ...(Object.keys(models).length > 0 && { models }),
  };
}

/** One entry, or one for each place that its keys are of; none of a provider that is not known. */
function providerOf(account: ImportAccount, name: string, places: BifrostPlaces): Record<string, Mapping> {
  const path: Path = ['providers', name];
  const at = (...rest: (string | number)[]): Path => [...path, ...rest];
  const vendor = bifrostVendor(name);
  const record = PROVIDERS.find((known) => known.name === vendor);
  const base = account.text(at('custom_provider_config', 'base_provider_type'));
  const dialect = base === undefined ? undefined : BASES[base];
  const baseUrl = account.text(at('network_config', 'base_url'));
  if (record === undefined && (dialect === undefined || baseUrl === undefined)) {
    account.say(
      path,
      'is a provider that Headgate does not know: state it as a custom one, with its `dialect` and `baseUrl`',
    );
    return {};
  }
  const seconds = account.number(at('network_config', 'default_request_timeout_in_seconds'));
  const max = account.number(at('network_config', 'max_retries'));
  const backoffMs = account.number(at('network_config', 'retry_backoff_initial'));
  const maxBackoffMs = account.number(at('network_config', 'retry_backoff_max'));
  const headers = account.take(at('network_config', 'extra_headers'));
  const concurrency = account.number(at('concurrency_and_buffer_size', 'concurrency'));
  const queue = account.number(at('concurrency_and_buffer_size', 'buffer_size'));
  const proxy = account.text(at('proxy_config', 'url'));
  if (proxy !== undefined) account.take(at('proxy_config', 'type'));
  const keys = account.list(at('keys')).map((_, index) => keyOf(account, at('keys', index)));
  const retries = {
    ...(max !== undefined && { max }),
    ...(backoffMs !== undefined && { backoffMs }),
    ...(maxBackoffMs !== undefined && { maxBackoffMs }),
  };
  const lane = { ...(concurrency !== undefined && { concurrency }), ...(queue !== undefined && { queue }) };
  const entry: Mapping = {
    ...(dialect !== undefined && { dialect }),
    // Its own addresses end before the version.
    ...(baseUrl !== undefined && {
      baseUrl:
        dialect === 'openai-chat' && !/\/v\d+\/*$/.test(baseUrl)
          ? `${baseUrl.replace(/\/+$/, '')}/v1`
          : baseUrl,
    }),
    ...(Object.keys(lane).length > 0 && { lane }),
    ...(Object.keys(retries).length > 0 && { retries }),
    ...(seconds !== undefined && { timeouts: { totalMs: seconds * 1000 } }),
    ...(isMapping(headers) && Object.keys(headers).length > 0 && { headers }),
    ...(proxy !== undefined && { proxy }),
  };
  return places.entriesOf(name, entry, keys, path);
}

function keyOf(account: ImportAccount, path: Path): PlacedKey {
  const parts: Mapping = {};
  const text = (...rest: string[]): string | undefined => account.text([...path, ...rest]);
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) parts[name] = value;
  };
  const name = text('name');
  const id = text('id');
  const value = text('value');
  const weight = account.number([...path, 'weight']);
  const stated = account.take([...path, 'models']);
  const models = Array.isArray(stated) ? stated.filter((model) => model !== '*') : [];
  put('baseUrl', text('azure_key_config', 'endpoint'));
  put('apiVersion', text('azure_key_config', 'api_version'));
  put('project', text('vertex_key_config', 'project_id'));
  put('region', text('vertex_key_config', 'region') ?? text('bedrock_key_config', 'region'));
  const credentials = text('vertex_key_config', 'auth_credentials');
  const accessKeyId = text('bedrock_key_config', 'access_key');
  const secretAccessKey = text('bedrock_key_config', 'secret_key');
  const sessionToken = text('bedrock_key_config', 'session_token');
  const roleArn = text('bedrock_key_config', 'role_arn');
  let secret: Mapping = { value };
  if (value !== undefined) secret = { value };
  else if (credentials !== undefined) secret = { google: { credentials } };
  else if (accessKeyId !== undefined)
    secret = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  else if (roleArn !== undefined || isMapping(account.look([...path, 'bedrock_key_config'])))
    secret = { aws: { ...(roleArn !== undefined && { roleArn }) } };
  else if (isMapping(account.look([...path, 'vertex_key_config']))) secret = { google: {} };
  else if (isMapping(account.look([...path, 'azure_key_config']))) secret = { azure: {} };
  const alias = name
    ?.replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  const key = {
    ...secret,
    ...(alias !== undefined && alias !== '' && { alias }),
    ...(weight !== undefined && weight > 0 && { weight }),
    ...(models.length > 0 && { models }),
  };
  const called = [id, name].filter((one) => one !== undefined);
  return { called, place: parts, key, models, deployments: deploymentsOf(account, path) };
}

/** Azure's names of models where they are others; those that are not are no loss. */
function deploymentsOf(account: ImportAccount, path: Path): ReadonlyMap<string, string> {
  const stated = account.take([...path, 'azure_key_config', 'deployments']);
  const entries = Object.entries(isMapping(stated) ? stated : {});
  return new Map(
    entries.flatMap(([model, deployment]): [string, string][] =>
      typeof deployment === 'string' && deployment !== model ? [[model, deployment]] : [],
    ),
  );
}
