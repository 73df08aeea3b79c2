// GitHub Models. Model names are `maker/name`; its list stands beside the inference path.
import type { ProviderRecord } from '../contracts/provider.ts';

export const githubModels = {
  name: 'github-models',
  title: 'GitHub Models',
  notes: [
    'A token with the right `models: read`. `GITHUB_TOKEN` and `GH_TOKEN` are taken where the provider is configured, and do not turn it on.',
    'Calls on account of an organisation: `baseUrl: https://models.github.ai/orgs/NAME/inference`.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, list: '/catalog/models' }],
  baseUrl: 'https://models.github.ai/inference',
  ending: '/inference',
  keyEnv: ['GITHUB_MODELS_TOKEN', 'GITHUB_MODELS_API_KEY'],
  sharedKeyEnv: ['GITHUB_TOKEN', 'GH_TOKEN'],
  modelPatterns: [],
  usualModels: ['openai/gpt-4.1', 'openai/gpt-4o', 'meta/Llama-3.3-70B-Instruct'],
  quirks: { streamUsage: true, legacyMaxTokens: true, embeddingInputs: 2048 },
  endpoints: { embeddings: {}, passthrough: {} },
} as const satisfies ProviderRecord;
