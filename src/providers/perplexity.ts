// Perplexity. Its Chat Completions ended on September 27, 2026: the Agent API, which is Responses, took their place.
import type { ProviderRecord } from '../contracts/provider.ts';

export const perplexity = {
  name: 'perplexity',
  title: 'Perplexity',
  notes: [
    'Its Chat Completions (`sonar`, `sonar-pro` …) ended on September 27, 2026. It is asked by Responses; its own model is `perplexity/sonar`, here `perplexity/perplexity/sonar`, and those of other makers are named by them.',
    'A client of any other dialect is translated.',
  ],
  speaks: [
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    // For embeddings alone.
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, models: ['pplx-embed-*'], list: false },
  ],
  baseUrl: 'https://api.perplexity.ai/v1',
  keyEnv: ['PERPLEXITY_API_KEY'],
  modelPatterns: ['pplx-embed-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, passthrough: {} },
} as const satisfies ProviderRecord;
