// Mistral. Sends usage on the last chunk unasked and refuses `stream_options`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const mistral = {
  name: 'mistral',
  title: 'Mistral',
  notes: [
    'Sends usage on the last chunk unasked and refuses `stream_options`.',
    'Its Responses (a public preview that keeps nothing) are asked where the configuration says `dialect: [openai-chat, openai-responses]` and `baseUrl: https://api.mistral.ai/v1`; without, clients of Responses are answered by Chat Completions.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.mistral.ai/v1',
  keyEnv: ['MISTRAL_API_KEY'],
  modelPatterns: [
    'mistral-*',
    'ministral-*',
    'magistral-*',
    'codestral-*',
    'devstral-*',
    'labs-*',
    'pixtral-*',
    'voxtral-*',
    'open-mistral-*',
    'open-mixtral-*',
  ],
  quirks: { streamUsage: false, legacyMaxTokens: true, fim: true },
  habits: { usage: 'finish', wholeCalls: true, vectorsId: true },
  endpoints: {
    embeddings: {},
    moderation: {},
    fim: {},
    classification: {},
    ocr: {},
    speech: {},
    transcription: {},
    file: {},
    'file-content': {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
