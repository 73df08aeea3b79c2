// DeepSeek. Sends `: keep-alive` comments in streams and blank lines ahead of whole answers.
import type { ProviderRecord } from '../contracts/provider.ts';

export const deepseek = {
  name: 'deepseek',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.deepseek.com',
  keyEnv: ['DEEPSEEK_API_KEY'],
  modelPatterns: ['deepseek-*'],
  usualModels: ['deepseek-chat', 'deepseek-reasoner'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
