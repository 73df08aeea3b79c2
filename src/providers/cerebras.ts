// Cerebras. Hosts models of many makers: bare names are not claimed.
import type { ProviderRecord } from '../contracts/provider.ts';

export const cerebras = {
  name: 'cerebras',
  title: 'Cerebras',
  notes: ['Hosts models of many makers: no bare name leads there.'],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.cerebras.ai/v1',
  keyEnv: ['CEREBRAS_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { completion: {}, passthrough: {} },
} as const satisfies ProviderRecord;
