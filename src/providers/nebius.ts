// Nebius Token Factory. Model names are `vendor/name`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nebius = {
  name: 'nebius',
  title: 'Nebius Token Factory',
  notes: ['Model names are `vendor/name`.', 'Embeddings are asked for in parts of 64 inputs.'],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  keyEnv: ['NEBIUS_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true, embeddingInputs: 64 },
  endpoints: {
    embeddings: {},
    rerank: {},
    completion: {},
    image: {},
    file: {},
    'file-content': {},
    batch: {},
    'fine-tuning': {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
