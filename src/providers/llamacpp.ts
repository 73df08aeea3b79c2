// llama.cpp's server on this machine; a key only if it was started with one. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const llamacpp = {
  name: 'llamacpp',
  title: 'llama.cpp server',
  notes: [
    'A key only where the server was started with one.',
    'It serves the model it was started with, whatever the name.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'http://127.0.0.1:8080/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
