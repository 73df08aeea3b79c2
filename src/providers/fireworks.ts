// Fireworks. Usage is always on the final chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const fireworks = {
  name: 'fireworks',
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  keyEnv: ['FIREWORKS_API_KEY'],
  modelPatterns: ['accounts/fireworks/*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
