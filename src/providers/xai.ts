// xAI. Its Chat Completions are deprecated in favour of Responses, yet served.
import type { ProviderRecord } from '../contracts/provider.ts';

export const xai = {
  name: 'xai',
  dialect: 'openai-chat',
  baseUrl: 'https://api.x.ai/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['XAI_API_KEY'],
  modelPatterns: ['grok-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
