// DeepSeek. Sends `: keep-alive` comments in streams and blank lines ahead of whole answers.
import type { ProviderRecord } from '../contracts/provider.ts';

export const deepseek = {
  name: 'deepseek',
  title: 'DeepSeek',
  notes: [
    'Sends comments in streams and blank lines ahead of whole answers while it is busy: they count as life.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '/anthropic', auth: { kind: 'header', name: 'x-api-key' }, list: false },
  ],
  baseUrl: 'https://api.deepseek.com',
  keyEnv: ['DEEPSEEK_API_KEY'],
  modelPatterns: ['deepseek-*'],
  usualModels: ['deepseek-flash', 'deepseek-v4-pro'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  habits: { usage: 'finish' },
  endpoints: { completion: { path: '/beta/completions' }, file: {}, 'file-content': {}, passthrough: {} },
} as const satisfies ProviderRecord;
