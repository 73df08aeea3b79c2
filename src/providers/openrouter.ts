// OpenRouter. Model names are `vendor/name`; errors may come inside a 200 body or chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const openrouter = {
  name: 'openrouter',
  title: 'OpenRouter',
  notes: [
    'Model names are `vendor/name`; errors may come inside a 200 body or chunk, and are taken as errors.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'https://openrouter.ai/api/v1',
  keyEnv: ['OPENROUTER_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
