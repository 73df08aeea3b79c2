import type { ProviderConfig } from '../contracts/provider-config.ts';

/** What a question for load is sent with. Credentials go to the provider's own server alone. */
export function sourceHeaders(provider: ProviderConfig, url: string): Record<string, string> {
  const own = URL.canParse(provider.baseUrl) && new URL(provider.baseUrl).host === new URL(url).host;
  const [key] = provider.keys;
  if (!own) return {};
  const plain = key !== undefined && key.aws === undefined && key.credential === undefined;
  return { ...provider.headers, ...(plain && { authorization: `Bearer ${key.value}` }) };
}
