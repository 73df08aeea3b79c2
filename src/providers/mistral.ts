// Mistral. Sends usage on the last chunk unasked and refuses `stream_options`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const mistral = {
  name: 'mistral',
  dialect: 'openai-chat',
  baseUrl: 'https://api.mistral.ai/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['MISTRAL_API_KEY'],
  modelPatterns: [
    'mistral-*',
    'ministral-*',
    'magistral-*',
    'codestral-*',
    'devstral-*',
    'pixtral-*',
    'voxtral-*',
    'open-mistral-*',
    'open-mixtral-*',
  ],
  quirks: { streamUsage: false, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
