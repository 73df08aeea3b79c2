// Cohere. The base URL has no version, as its SDKs take it; its OpenAI-compatible layer is at another host and not used.
import type { ProviderRecord } from '../contracts/provider.ts';

export const cohere = {
  name: 'cohere',
  title: 'Cohere',
  notes: ['Its OpenAI-compatible layer is at another host and not used.'],
  speaks: [{ dialect: 'cohere', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.cohere.com',
  keyEnv: ['COHERE_API_KEY', 'CO_API_KEY'],
  modelPatterns: ['command-*', 'c4ai-*', 'embed-*', 'rerank-*'],
  usualModels: [
    'command-a-03-2025',
    'command-a-reasoning-08-2025',
    'command-a-vision-07-2025',
    'command-r7b-12-2024',
  ],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, rerank: {}, tokenize: {}, classify: {}, passthrough: {} },
} as const satisfies ProviderRecord;
