// NVIDIA NIM, hosted. A NIM of your own: set `baseUrl`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nvidia = {
  name: 'nvidia',
  dialect: 'openai-chat',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  auth: { kind: 'bearer' },
  keyEnv: ['NVIDIA_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
