// Cerebras. Hosts models of many makers: bare names are not claimed.
import type { ProviderRecord } from '../contracts/provider.ts';

export const cerebras = {
  name: 'cerebras',
  title: 'Cerebras',
  notes: [
    'Hosts models of many makers: no bare name leads there.',
    'Its batches’ results have a shape of their own: below its name (`/cerebras/v1/batches`) they go on as they come.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.cerebras.ai/v1',
  keyEnv: ['CEREBRAS_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  habits: { usage: 'finish' },
  endpoints: { completion: {}, file: {}, passthrough: {} },
} as const satisfies ProviderRecord;
