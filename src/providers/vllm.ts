// vLLM on this machine; a key only if the server was started with one. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const vllm = {
  name: 'vllm',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'http://127.0.0.1:8000/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
