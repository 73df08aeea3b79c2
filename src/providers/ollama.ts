// Ollama on this machine. Truncates long prompts in silence to its context setting. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const ollama = {
  name: 'ollama',
  title: 'Ollama',
  notes: [
    'Truncates long prompts in silence to its context setting.',
    'Its cloud: `baseUrl: https://ollama.com/v1` with a key.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'http://127.0.0.1:11434/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
