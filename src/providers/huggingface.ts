// Hugging Face router. Model names are `org/name[:provider]`; features vary by the backend it picks.
import type { ProviderRecord } from '../contracts/provider.ts';

export const huggingface = {
  name: 'huggingface',
  title: 'Hugging Face router',
  notes: [
    'Model names are `org/name[:provider]`; what a model can do varies with the backend that the router picks.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
  ],
  baseUrl: 'https://router.huggingface.co/v1',
  keyEnv: ['HF_TOKEN'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { passthrough: {} },
} as const satisfies ProviderRecord;
