// xAI. Its Chat Completions are deprecated in favour of Responses, yet served.
import type { ProviderRecord } from '../contracts/provider.ts';

export const xai = {
  name: 'xai',
  title: 'xAI',
  notes: [
    'Its Chat Completions are deprecated in favour of Responses, yet served.',
    'Its batches and videos have shapes of their own: below its name (`/xai/v1/batches`, `/xai/v1/videos`) they go on as they come.',
    'Pictures are edited by JSON alone (`/v1/images/edits` with `image` or `images` in it), never by a form; sound is said and written down at paths of its own (`/xai/v1/tts`, `/xai/v1/stt`).',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
  ],
  baseUrl: 'https://api.x.ai/v1',
  keyEnv: ['XAI_API_KEY'],
  modelPatterns: ['grok-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true, keepsResponses: true },
  habits: { usage: 'finish' },
  endpoints: {
    completion: {},
    image: {},
    file: {},
    'file-content': {},
    passthrough: {},
    realtime: {},
    'realtime-secret': {},
    'realtime-call': {},
  },
} as const satisfies ProviderRecord;
