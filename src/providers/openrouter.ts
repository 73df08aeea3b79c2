// OpenRouter. Model names are `vendor/name`; errors may come inside a 200 body or chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const openrouter = {
  name: 'openrouter',
  title: 'OpenRouter',
  notes: [
    'Model names are `vendor/name`; errors may come inside a 200 body or chunk, and are taken as errors.',
    'Pictures are made at `/images`. Transcriptions and videos have shapes of its own: below its name (`/openrouter/v1/audio/transcriptions`, `/openrouter/v1/videos`) they go on as they come.',
    'Its batches (beta, with the requests in the body) stand beside its base URL: a provider of its own with `baseUrl: https://openrouter.ai/api/beta` has them at `/passthrough/<name>/batches`, each its maker’s, as any batch is.',
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
  endpoints: {
    embeddings: {},
    rerank: {},
    completion: {},
    image: { path: '/images' },
    speech: {},
    file: {},
    'file-content': {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
