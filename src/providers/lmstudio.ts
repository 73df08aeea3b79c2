// LM Studio on this machine. Its first call loads the model: give it a long first-token limit. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const lmstudio = {
  name: 'lmstudio',
  dialect: 'openai-chat',
  baseUrl: 'http://127.0.0.1:1234/v1',
  auth: { kind: 'bearer' },
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
