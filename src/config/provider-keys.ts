// The keys of one provider: those of the file, else the one in a known provider's environment variable.
import type { ProviderKeyConfig } from '../contracts/provider-config.ts';
import type { ManagedProviderKey } from '../contracts/managed-config.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import type { BuildContext } from './build-context.ts';
import { type CredentialPlace, credentialKey, statedSource, usualSource } from './credentials.ts';
import type { Path } from './path.ts';
import type { ProviderEntry } from './schema/provider.ts';
import { keyFault } from './secrets.ts';

/** The provider's keys; what is wrong with one is reported where it was stated. */
export function buildProviderKeys(
  provider: string,
  stated: NonNullable<ProviderEntry['keys']>,
  record: ProviderRecord | undefined,
  place: CredentialPlace,
  context: BuildContext,
): ProviderKeyConfig[] {
  const added = context.keysOf?.(provider) ?? [];
  if (stated.length === 0) {
    const keys = environmentKey(record, context);
    const ambient = keys.length === 0 && added.length === 0 && context.apart?.has(provider) !== true;
    const own = ambient && record !== undefined ? usualKey(record, place, context) : keys;
    return [...own, ...addedKeys(provider, added, own, context)];
  }
  const aliases = new Set<string>();
  const own = stated.map((item, index) => {
    const entry = typeof item === 'string' ? { value: item } : item;
    const path = ['providers', provider, 'keys', index];
    const source = typeof item === 'string' ? null : statedSource(item, path, place, context);
    if (source !== null && entry.value !== undefined)
      context.report(path, `\`value\` does not go together with \`${source.kind}\``);
    const secret =
      source !== null
        ? credentialKey(place, source)
        : secretOf(entry, typeof item === 'string' ? path : [...path, 'value'], path, context);
    const alias = entry.alias ?? `key-${index + 1}`;
    if (aliases.has(alias)) context.report(path, `two keys of this provider are called \`${alias}\``);
    aliases.add(alias);
    const { weight = 1, models = [], organization } = entry;
    return { ...secret, weight, models: [...models], alias, ...(organization && { organization }) };
  });
  return [...own, ...addedKeys(provider, added, own, context)];
}

/** Those of the API, behind the provider's own. */
function addedKeys(
  provider: string,
  added: readonly ManagedProviderKey[],
  own: readonly ProviderKeyConfig[],
  context: BuildContext,
): ProviderKeyConfig[] {
  return added.map(({ provider: _provider, alias, weight = 1, models = [], organization, ...secret }) => {
    const path = ['providers', provider, 'keys', alias];
    for (const text of [secret.value, secret.secretAccessKey, secret.sessionToken])
      if (text !== undefined) context.secret(text);
    if (own.some((key) => key.alias === alias))
      context.report(path, `two keys of this provider are called \`${alias}\``);
    const made = secretOf(secret, [...path, 'value'], path, context);
    return { ...made, weight, models: [...models], alias, ...(organization && { organization }) };
  });
}

/** How the provider is signed in to without a key. */
function usualKey(
  record: ProviderRecord,
  place: CredentialPlace,
  context: BuildContext,
): ProviderKeyConfig[] {
  const source = usualSource(record, place, context);
  if (source === null) return [];
  context.note(`provider ${place.provider}: no key, so it signs in by ${SIGNS_IN[source.kind]}`);
  return [{ ...credentialKey(place, source), weight: 1, models: [], alias: 'key-1' }];
}

const SIGNS_IN = {
  google: 'Google’s application default credentials',
  azure: 'Microsoft Entra',
  aws: 'AWS’s default chain',
  oauth: 'its client id and secret',
} as const;

type KeyEntry = Exclude<NonNullable<ProviderEntry['keys']>[number], string>;
type Secret = Pick<ProviderKeyConfig, 'value' | 'aws' | 'credential'>;

/** What an entry holds: a key, or a key pair. @param valuePath where its value stands. */
function secretOf(entry: KeyEntry, valuePath: Path, path: Path, context: BuildContext): Secret {
  const { value, accessKeyId, secretAccessKey, sessionToken } = entry;
  const pair = accessKeyId !== undefined || secretAccessKey !== undefined || sessionToken !== undefined;
  if (value !== undefined) {
    const fault = keyFault(value, 1);
    if (fault !== null) context.report(valuePath, fault);
    if (pair) context.report(path, '`value` does not go together with a key pair');
    return { value };
  }
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? 'accessKeyId' : 'secretAccessKey';
    context.report(path, pair ? `\`${missing}\` is missing` : '`value` is missing');
    return { value: '' };
  }
  for (const [name, text] of Object.entries({ accessKeyId, secretAccessKey, sessionToken })) {
    const fault = text === undefined ? null : keyFault(text, 1);
    if (fault !== null) context.report([...path, name], fault);
  }
  return pairSecret(accessKeyId, secretAccessKey, sessionToken);
}

function pairSecret(accessKeyId: string, secretAccessKey: string, sessionToken: string | undefined): Secret {
  const token = sessionToken === undefined ? {} : { sessionToken };
  return { value: secretAccessKey, aws: { accessKeyId, secretAccessKey, ...token } };
}

function environmentKey(record: ProviderRecord | undefined, context: BuildContext): ProviderKeyConfig[] {
  for (const name of [...(record?.keyEnv ?? []), ...(record?.sharedKeyEnv ?? [])]) {
    const value = context.env[name];
    if (value === undefined || value === '') continue;
    context.secret(value);
    const fault = keyFault(value, 1);
    if (fault !== null) context.reportEnv(name, fault);
    return [{ value, weight: 1, models: [], alias: 'key-1' }];
  }
  return record?.pairEnv === undefined ? [] : environmentPair(record.pairEnv, context);
}

function environmentPair(
  names: NonNullable<ProviderRecord['pairEnv']>,
  context: BuildContext,
): ProviderKeyConfig[] {
  const [accessKeyId, secretAccessKey, sessionToken] = [
    names.accessKeyId,
    names.secretAccessKey,
    names.sessionToken,
  ].map((name) => {
    const text = context.env[name] || undefined;
    const fault = text === undefined ? null : keyFault(text, 1);
    if (text !== undefined) context.secret(text);
    if (fault !== null) context.reportEnv(name, fault);
    return text;
  });
  if (accessKeyId === undefined || secretAccessKey === undefined) return [];
  const secret = pairSecret(accessKeyId, secretAccessKey, sessionToken);
  return [{ ...secret, weight: 1, models: [], alias: 'key-1' }];
}
