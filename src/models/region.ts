// Where a provider's models run: what its address says, else what was stated.
import { regionOfHost } from '../aws/place.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';

/** OpenAI's hosts of regions: `eu.api.openai.com`. */
const OPENAI = /^([a-z]{2})\.api\.openai\.com$/;
/** Google's: `us-east5-aiplatform.googleapis.com`, `aiplatform.eu.rep.googleapis.com`. */
const VERTEX = /^(?:([a-z]+-[a-z]+\d+)-)?aiplatform\.(?:([a-z]+)\.rep\.)?googleapis\.com$/;

/** `eu-west-1`, `us-east5`, `eu`, `global`; null = nobody said. */
export function regionOf({ baseUrl, region }: Pick<ProviderConfig, 'baseUrl' | 'region'>): string | null {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : '';
  const vertex = VERTEX.exec(host);
  return regionOfHost(host) ?? OPENAI.exec(host)?.[1] ?? vertex?.[1] ?? vertex?.[2] ?? region ?? null;
}
