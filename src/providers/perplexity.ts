// Perplexity. A third party reports its chat completions ended in September 2026 (Responses is its other dialect): unverified.
import type { ProviderRecord } from '../contracts/provider.ts';

export const perplexity = {
  name: 'perplexity',
  title: 'Perplexity',
  notes: ['A third party reports that its chat completions ended in September 2026: unverified.'],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.perplexity.ai/v1',
  keyEnv: ['PERPLEXITY_API_KEY'],
  modelPatterns: ['sonar*'],
  usualModels: ['sonar', 'sonar-pro', 'sonar-reasoning-pro', 'sonar-deep-research'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, passthrough: {} },
} as const satisfies ProviderRecord;
