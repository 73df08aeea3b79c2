// SGLang on this machine; a key only if the server was started with one. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const sglang = {
  name: 'sglang',
  title: 'SGLang',
  notes: [
    'A key only where the server was started with one.',
    'Of a server that is older than its Responses and Messages state `dialect: openai-chat`.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'http://127.0.0.1:30000/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
