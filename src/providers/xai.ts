// xAI. Its Chat Completions are deprecated in favour of Responses, yet served.
import type { ProviderRecord } from '../contracts/provider.ts';

export const xai = {
  name: 'xai',
  title: 'xAI',
  notes: [
    'Its Chat Completions are deprecated in favour of Responses, yet served.',
    'Its batches and videos have shapes of their own: below its name (`/xai/v1/batches`, `/xai/v1/videos`) they go on as they come.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
  ],
  baseUrl: 'https://api.x.ai/v1',
  keyEnv: ['XAI_API_KEY'],
  modelPatterns: ['grok-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true, keepsResponses: true },
  endpoints: {
    completion: {},
    image: {},
    'image-form': {},
    file: {},
    'file-content': {},
    passthrough: {},
    realtime: {},
    'realtime-secret': {},
    'realtime-call': {},
  },
} as const satisfies ProviderRecord;
