// NVIDIA NIM, hosted. A NIM of your own: set `baseUrl`.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nvidia = {
  name: 'nvidia',
  title: 'NVIDIA NIM',
  notes: [
    'For a NIM of your own state its `baseUrl`; ranking is asked there, at `/ranking`. What NVIDIA hosts for ranking has a host of its own: see [nvidia-rerank](#nvidia-rerank).',
    'What embeddings are for goes on as `input_type` (`query`, `passage`); clients of OpenAI’s say it themselves.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, hosted: 'nvidia' }],
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  keyEnv: ['NVIDIA_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, completion: {}, passthrough: {} },
} as const satisfies ProviderRecord;
