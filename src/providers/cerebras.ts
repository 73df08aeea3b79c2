// Cerebras. Hosts models of many makers: bare names are not claimed.
import type { ProviderRecord } from '../contracts/provider.ts';

export const cerebras = {
  name: 'cerebras',
  dialect: 'openai-chat',
  baseUrl: 'https://api.cerebras.ai/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['CEREBRAS_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
