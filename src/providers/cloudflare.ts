// Cloudflare Workers AI. OpenAI's open models take Responses too.
import type { ProviderRecord } from '../contracts/provider.ts';

export const cloudflare = {
  name: 'cloudflare',
  title: 'Cloudflare Workers AI',
  notes: ['Lists its models in a form of its own: a few well-known ones stand in `/v1/models`.'],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, models: ['*'], list: false },
    {
      dialect: 'openai-responses',
      path: '',
      auth: { kind: 'bearer' },
      models: ['@cf/openai/*'],
      list: false,
    },
  ],
  baseUrl: 'https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1',
  parts: [{ name: 'account', env: ['CLOUDFLARE_ACCOUNT_ID'] }],
  keyEnv: ['CLOUDFLARE_API_TOKEN', 'CLOUDFLARE_API_KEY'],
  modelPatterns: ['@cf/*', '@hf/*'],
  usualModels: ['@cf/openai/gpt-oss-120b', '@cf/meta/llama-3.3-70b-instruct-fp8-fast'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, passthrough: {} },
} as const satisfies ProviderRecord;
