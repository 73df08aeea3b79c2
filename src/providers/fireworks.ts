// Fireworks. Usage is always on the final chunk.
import type { ProviderRecord } from '../contracts/provider.ts';

export const fireworks = {
  name: 'fireworks',
  dialect: 'openai-chat',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['FIREWORKS_API_KEY'],
  modelPatterns: ['accounts/fireworks/*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
