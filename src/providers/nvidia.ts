// NVIDIA NIM, hosted. A NIM of your own: set `baseUrl`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nvidia = {
  name: 'nvidia',
  title: 'NVIDIA NIM',
  notes: ['For a NIM of your own state its `baseUrl`.'],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  keyEnv: ['NVIDIA_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, completion: {}, passthrough: {} },
} as const satisfies ProviderRecord;
