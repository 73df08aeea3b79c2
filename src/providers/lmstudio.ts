// LM Studio on this machine. Its first call loads the model: give it a long first-token limit. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const lmstudio = {
  name: 'lmstudio',
  title: 'LM Studio',
  notes: ['Its first call loads the model: give it a long `timeouts.firstTokenMs`.'],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'http://127.0.0.1:1234/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
