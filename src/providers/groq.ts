// Groq. Hosts models of many makers: bare names are not claimed.
import type { ProviderRecord } from '../contracts/provider.ts';

export const groq = {
  name: 'groq',
  title: 'Groq',
  notes: ['Hosts models of many makers: no bare name leads there.', 'Its Responses keep nothing.'],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
  ],
  baseUrl: 'https://api.groq.com/openai/v1',
  keyEnv: ['GROQ_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  habits: { usage: 'x_groq' },
  endpoints: {
    embeddings: {},
    speech: {},
    transcription: {},
    file: {},
    'file-content': {},
    batch: {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
