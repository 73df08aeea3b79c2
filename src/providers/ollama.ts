// Ollama on this machine. Truncates long prompts in silence to its context setting. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const ollama = {
  name: 'ollama',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'http://127.0.0.1:11434/v1',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
