// DeepSeek. Sends `: keep-alive` comments in streams and blank lines ahead of whole answers.
import type { ProviderRecord } from '../contracts/provider.ts';

export const deepseek = {
  name: 'deepseek',
  dialect: 'openai-chat',
  baseUrl: 'https://api.deepseek.com',
  auth: { kind: 'bearer' },
  keyEnv: ['DEEPSEEK_API_KEY'],
  modelPatterns: ['deepseek-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
