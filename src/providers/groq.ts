// Groq. Hosts models of many makers: bare names are not claimed.
import type { ProviderRecord } from '../contracts/provider.ts';

export const groq = {
  name: 'groq',
  dialect: 'openai-chat',
  baseUrl: 'https://api.groq.com/openai/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['GROQ_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
