// Keys that are credentials which expire: what their entry and the vendors' own variables say of where they come from.
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { ProviderKeyConfig } from '../contracts/provider-config.ts';
import type { AzureSource, CredentialSource, GoogleSource } from '../contracts/credential.ts';
import type { ProviderRecord } from '../contracts/provider.ts';
import type { BuildContext } from './build-context.ts';
import type { Path } from './path.ts';
import type { ProviderEntry } from './schema/provider.ts';

const GOOGLE_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const AZURE_AUTHORITY = 'https://login.microsoftonline.com';
const AZURE_SCOPE = 'https://cognitiveservices.azure.com/.default';

type KeyEntry = Exclude<NonNullable<ProviderEntry['keys']>[number], string>;
type CredentialKey = Pick<ProviderKeyConfig, 'value' | 'credential'>;

/** What a source has to know of its provider. */
export interface CredentialPlace {
  provider: string;
  region: string;
  url: string;
}

/** The source that an entry states, if it states one. */
export function statedSource(
  entry: KeyEntry,
  path: Path,
  { region }: CredentialPlace,
  context: BuildContext,
): CredentialSource | null {
  const stated = (['google', 'azure', 'aws', 'oauth'] as const).filter((kind) => entry[kind] !== undefined);
  if (stated.length > 1)
    context.report(path, `${stated.map((kind) => `\`${kind}\``).join(' and ')}: one of them at most`);
  if (entry.google !== undefined) return googleSource(entry.google, context);
  if (entry.azure !== undefined) return azureSource(entry.azure, path, context);
  if (entry.aws !== undefined) {
    const { roleArn, tokenFile } = entry.aws;
    if (tokenFile !== undefined && roleArn === undefined)
      context.report(path, '`tokenFile` needs the `roleArn` of the role it is for');
    return { kind: 'aws', ...entry.aws, region };
  }
  return entry.oauth === undefined ? null : { kind: 'oauth', ...entry.oauth };
}

/** The source of a known provider that has no key; null = it has none either. */
export function usualSource(
  { credential }: ProviderRecord,
  { region, url }: CredentialPlace,
  context: BuildContext,
): CredentialSource | null {
  switch (credential) {
    case 'google':
      return googleSource({}, context);
    case 'azure':
      return azureSource({}, [], context);
    case 'aws':
      return { kind: 'aws', region };
    case 'databricks': {
      const { DATABRICKS_CLIENT_ID: clientId, DATABRICKS_CLIENT_SECRET: clientSecret } = context.env;
      if (!clientId || !clientSecret || !URL.canParse(url)) return null;
      context.secret(clientSecret);
      return {
        kind: 'oauth',
        tokenUrl: `${new URL(url).origin}/oidc/v1/token`,
        clientId,
        clientSecret,
        scope: 'all-apis',
      };
    }
    default:
      return null;
  }
}

/** A key that is such a credential. Its value is a name that tells sources apart, and no secret. */
export function credentialKey({ provider }: CredentialPlace, source: CredentialSource): CredentialKey {
  const print = createHash('sha256')
    .update(JSON.stringify([provider, source]))
    .digest('base64url')
    .slice(0, 12);
  const id = `${source.kind}-${print}`;
  return { value: id, credential: { id, source } };
}

function googleSource(
  { file, credentials, impersonate, scopes }: NonNullable<KeyEntry['google']>,
  { folder }: BuildContext,
): GoogleSource {
  return {
    kind: 'google',
    ...(file !== undefined && { file: resolve(folder, file) }),
    ...(credentials !== undefined && { account: credentials }),
    ...(impersonate !== undefined && { impersonate }),
    scopes: scopes ?? [GOOGLE_SCOPE],
  };
}

function azureSource(entry: NonNullable<KeyEntry['azure']>, path: Path, context: BuildContext): AzureSource {
  const { env, folder } = context;
  const tenantId = entry.tenantId ?? (env['AZURE_TENANT_ID'] || undefined);
  const clientId = entry.clientId ?? (env['AZURE_CLIENT_ID'] || undefined);
  const stated = entry.clientSecret ?? entry.tokenFile;
  const clientSecret =
    entry.clientSecret ?? (stated === undefined ? env['AZURE_CLIENT_SECRET'] || undefined : undefined);
  const token =
    entry.tokenFile ?? (stated === undefined ? env['AZURE_FEDERATED_TOKEN_FILE'] || undefined : undefined);
  if (clientSecret !== undefined) context.secret(clientSecret);
  const proof = clientSecret ?? token;
  if (path.length > 0 && proof !== undefined && (tenantId === undefined || clientId === undefined)) {
    const missing = tenantId === undefined ? 'tenantId' : 'clientId';
    context.report([...path, 'azure'], `\`${missing}\` is missing beside a secret or a token file`);
  }
  return {
    kind: 'azure',
    ...(tenantId !== undefined && { tenantId }),
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
    ...(token !== undefined && clientSecret === undefined && { tokenFile: resolve(folder, token) }),
    authority: entry.authority ?? (env['AZURE_AUTHORITY_HOST'] || AZURE_AUTHORITY),
    scope: entry.scope ?? AZURE_SCOPE,
  };
}
