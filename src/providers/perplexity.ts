// Perplexity. Its Chat Completions ended on September 27, 2026: the Agent API, which is Responses, took their place.
import type { ProviderRecord } from '../contracts/provider.ts';

export const perplexity = {
  name: 'perplexity',
  title: 'Perplexity',
  notes: [
    'Its Chat Completions ended on September 27, 2026: it is asked by Responses, and clients of any other dialect are translated. `sonar` is what it calls `perplexity/sonar` now; what was `sonar-pro` and the like are presets of it, which clients of Responses name by `preset`. Models of other makers are named by those: `perplexity/openai/gpt-5.2`.',
    'Its vectors are signed bytes in base64: clients get them as the numbers they are (or as floats in base64, where they ask for that), its own clients as they ask for them (`base64_int8`, `base64_binary`). At most 512 texts go in one request.',
    'Its decisions and vectors of parts of documents have shapes of their own: below its name (`/perplexity/v1/decisions`, `/perplexity/v1/contextualizedembeddings`) they go on as they come, and so do searches (`/perplexity/search`) and chats that are answered later (`/perplexity/async/chat/completions`), as its own clients ask for them with a base URL that ends in `/perplexity`.',
  ],
  speaks: [
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' }, hosted: 'perplexity' },
    // For embeddings alone.
    {
      dialect: 'openai-chat',
      path: '',
      auth: { kind: 'bearer' },
      models: ['pplx-embed-*'],
      hosted: 'perplexity',
      list: false,
    },
  ],
  baseUrl: 'https://api.perplexity.ai/v1',
  unversioned: ['/search', '/async/chat/completions'],
  keyEnv: ['PERPLEXITY_API_KEY'],
  modelPatterns: ['sonar*', 'pplx-embed-*'],
  usualModels: ['sonar'],
  quirks: {
    streamUsage: true,
    legacyMaxTokens: true,
    modelNames: { sonar: 'perplexity/sonar' },
    embeddingInputs: 512,
  },
  habits: { usage: 'finish' },
  endpoints: { embeddings: {}, passthrough: {} },
} as const satisfies ProviderRecord;
