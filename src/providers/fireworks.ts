// Fireworks. Usage is always on the final chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const fireworks = {
  name: 'fireworks',
  title: 'Fireworks',
  notes: [
    'Its Responses tell what was used in other words and know tools of their own: clients of Responses are translated to its chat, and what only those have is asked below `/passthrough/fireworks`.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'anthropic', path: '', root: true, auth: { kind: 'bearer' }, list: false },
  ],
  ending: '/v1',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  keyEnv: ['FIREWORKS_API_KEY'],
  modelPatterns: ['accounts/fireworks/*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  habits: { usage: 'finish' },
  endpoints: { embeddings: {}, rerank: {}, completion: {}, passthrough: {} },
} as const satisfies ProviderRecord;
