// Whose service a configured provider is: by its name, else by the host it is called at.
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { PROVIDERS } from '../providers/registry.ts';

/** A provider nobody described. */
export const CUSTOM = 'custom';

const BY_NAME: ReadonlySet<string> = new Set(PROVIDERS.map((record) => record.name));
const BY_HOST: ReadonlyMap<string, string> = new Map(
  // A server on this machine may be anything.
  PROVIDERS.filter((record) => record.keyEnv.length > 0 && !record.baseUrl.includes('{')).map((record) => [
    new URL(record.baseUrl).hostname,
    record.name,
  ]),
);
/** Bedrock's name their region; a private endpoint's stands in front. */
const BEDROCK = /(^|\.)bedrock-(runtime|runtime-fips|mantle)\.[^/]*\.(amazonaws\.(com(\.cn)?|eu)|api\.aws)$/;
/** Azure's hosts begin with the name of the resource. */
const AZURE = /\.(openai|services\.ai|cognitiveservices)\.azure\.com$/;
/** Google's begin with their region, or have it in the middle. */
const VERTEX = /(^|-)aiplatform\.([a-z]+\.rep\.)?googleapis\.com$/;

/** The vendor's name, as in the records; `custom` when it is none we know. */
export function vendorOf({
  name,
  vendor,
  baseUrl,
  kind,
}: Pick<ProviderConfig, 'name' | 'vendor' | 'baseUrl' | 'kind'>): string {
  if (kind === 'demo') return 'demo';
  if (vendor !== undefined) return vendor;
  if (BY_NAME.has(name)) return name;
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
  if (AZURE.test(host)) return 'azure';
  if (VERTEX.test(host)) return 'vertex';
  if (BEDROCK.test(host)) return 'bedrock';
  return BY_HOST.get(host) ?? CUSTOM;
}
