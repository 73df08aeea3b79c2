// OpenRouter. Model names are `vendor/name`; errors may come inside a 200 body or chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const openrouter = {
  name: 'openrouter',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://openrouter.ai/api/v1',
  keyEnv: ['OPENROUTER_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
