// LM Studio on this machine. Its first call loads the model: give it a long first-token limit. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const lmstudio = {
  name: 'lmstudio',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'http://127.0.0.1:1234/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
