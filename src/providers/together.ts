// Together. Model names are `vendor/name`; api.together.xyz is the older host.
import type { ProviderRecord } from '../contracts/provider.ts';

export const together = {
  name: 'together',
  title: 'Together',
  notes: [
    'Model names are `vendor/name`; `api.together.xyz` is the older host.',
    'Its batches have a shape of their own: below its name (`/together/v1/batches`) they go on as they come.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.together.ai/v1',
  keyEnv: ['TOGETHER_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  habits: { usage: 'finish' },
  endpoints: {
    embeddings: {},
    rerank: {},
    completion: {},
    image: {},
    speech: {},
    transcription: {},
    file: {},
    'file-content': {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
