// Recognises the configuration of another gateway, so that a person who brings one hears what to write instead of twenty
// unknown keys. Looks at the names of keys only: their values may be secrets.

import { FILE_NODE } from './schema/schema.ts';

interface Foreign {
  /** What it is called. */
  gateway: string;
  /** The key it is told by. */
  key: string;
  /** What to write here, one line each. */
  advice: readonly string[];
}

const LITELLM: Foreign['advice'] = [
  '`model_list`: each `model_name` becomes `models: { NAME: { targets: [PROVIDER/MODEL] } }`, several entries of one name several targets',
  '`litellm_params.api_key: os.environ/X` becomes `providers: { PROVIDER: { keys: [env.X] } }`, `api_base` its `baseUrl`',
  '`general_settings.master_key` becomes `auth: { keys: [env.X] }`; `rpm` and `tpm` become `limits`',
];

const BIFROST: Foreign['advice'] = [
  '`providers.NAME.keys` stays, without `name`: `keys: [{ value: env.X, models: [...], weight: 1 }]`',
  '`network_config.base_url` becomes `baseUrl`, `max_retries` `retries.max`; `concurrency_and_buffer_size` becomes `lane: { concurrency, queue }`',
  'virtual keys of `governance` become `auth.keys`, their rate limits `limits`',
];

const PORTKEY: Foreign['advice'] = [
  '`targets` with `strategy` becomes `models: { NAME: { targets: [PROVIDER/MODEL, ...] } }`, tried in order',
  "a target's `provider` and `api_key` become `providers: { PROVIDER: { keys: [env.X] } }`, `custom_host` its `baseUrl`",
];

/** Keys at the top that only one gateway's file has. */
const MARKS: readonly Foreign[] = [
  ...['model_list', 'litellm_settings', 'general_settings', 'router_settings'].map((key) => ({
    gateway: 'LiteLLM',
    key,
    advice: LITELLM,
  })),
  ...['config_store', 'logs_store', 'vector_store', 'governance', 'mcp'].map((key) => ({
    gateway: 'Bifrost',
    key,
    advice: BIFROST,
  })),
  ...['strategy', 'virtual_keys', 'targets'].map((key) => ({ gateway: 'Portkey', key, advice: PORTKEY })),
];

/** Keys inside a provider that only Bifrost has. */
const BIFROST_PROVIDER = ['network_config', 'concurrency_and_buffer_size', 'custom_provider_config'] as const;

/** Keys of Headgate's own that a file of another gateway does not have beside its marks. */
const OWN = ['models', 'auth', 'limits', 'server', 'redis', 'timeouts'] as const;

/**
 * What to tell whoever brought the file, a headline and advice below it; null when it is meant for Headgate.
 * @param value the file as read
 */
export function foreignAdvice(value: unknown): string[] | null {
  if (!isMapping(value)) return null;
  const known = FILE_NODE.properties ?? {};
  const mark = MARKS.find(({ key }) => Object.hasOwn(value, key) && !Object.hasOwn(known, key));
  const found = mark ?? bifrostProvider(value);
  // With keys of ours beside it one of its keys came along by mistake, and is the unknown key it looks like.
  if (found === null || OWN.some((key) => Object.hasOwn(value, key))) return null;
  return [
    `this is a configuration of ${found.gateway} (\`${found.key}\`), which Headgate does not read; write a headgate.yaml instead:`,
    ...found.advice,
    ...(found.gateway === 'Portkey'
      ? []
      : [`\`headgate import ${found.gateway.toLowerCase()} FILE\` prints it as ours`]),
    'with provider keys in the environment no file is needed; docs/configuration.md has a section "Coming from another gateway"',
  ];
}

function bifrostProvider(file: Record<string, unknown>): Foreign | null {
  if (isBifrostSchema(file['$schema'])) return { gateway: 'Bifrost', key: '$schema', advice: BIFROST };
  const providers = file['providers'];
  if (!isMapping(providers)) return null;
  for (const provider of Object.values(providers)) {
    if (!isMapping(provider)) continue;
    const key = BIFROST_PROVIDER.find((name) => Object.hasOwn(provider, name));
    if (key !== undefined) return { gateway: 'Bifrost', key, advice: BIFROST };
    const keys: unknown = provider['keys'];
    if (Array.isArray(keys) && keys.some((entry) => isMapping(entry) && 'name' in entry && 'value' in entry))
      return { gateway: 'Bifrost', key: 'providers.*.keys[].name', advice: BIFROST };
  }
  return null;
}

function isBifrostSchema(value: unknown): boolean {
  return typeof value === 'string' && /bifrost/i.test(value);
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
