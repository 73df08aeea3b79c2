// Nebius Token Factory. Model names are `vendor/name`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nebius = {
  name: 'nebius',
  dialect: 'openai-chat',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['NEBIUS_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
