// What NVIDIA hosts for ranking: at another host than the rest of its catalog, with a path for each model.
import type { ProviderRecord } from '../contracts/provider.ts';

export const nvidiaRerank = {
  name: 'nvidia-rerank',
  title: 'NVIDIA reranking, hosted',
  notes: [
    'The host of NVIDIA’s catalog that ranks: `nvidia-rerank/nvidia/llama-3.2-nv-rerankqa-1b-v2`. Of the models that chat and embed there are none here: those are at [nvidia](#nvidia).',
    '`NVIDIA_API_KEY` is taken where the provider is configured, and does not turn it on.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, hosted: 'nvidia-catalog', list: false },
  ],
  baseUrl: 'https://ai.api.nvidia.com/v1',
  keyEnv: ['NVIDIA_RERANK_API_KEY'],
  sharedKeyEnv: ['NVIDIA_API_KEY'],
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { rerank: {}, passthrough: {} },
} as const satisfies ProviderRecord;
