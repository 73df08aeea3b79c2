// vLLM on this machine; a key only if the server was started with one. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const vllm = {
  name: 'vllm',
  title: 'vLLM',
  notes: ['A key only where the server was started with one.'],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'http://127.0.0.1:8000/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
