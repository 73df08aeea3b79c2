// Gemini at Google AI Studio. Its OpenAI-compatible layer lacks half of what the API has and is not used.
import type { ProviderRecord } from '../contracts/provider.ts';

export const gemini = {
  name: 'gemini',
  title: 'Gemini at Google AI Studio',
  notes: ['Its OpenAI-compatible layer lacks half of what the API has and is not used.'],
  speaks: [{ dialect: 'gemini', path: '', auth: { kind: 'header', name: 'x-goog-api-key' } }],
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  keyEnv: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  modelPatterns: ['gemini-*', 'learnlm-*', 'gemma-*'],
  usualModels: [
    'gemini-4-argon',
    'gemini-3.8-flash',
    'gemini-3.1-pro-preview',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
  ],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, interaction: {}, 'interaction-object': {}, passthrough: {}, realtime: {} },
} as const satisfies ProviderRecord;
