// Azure OpenAI and Foundry. A model's name is that of its deployment, so that the vendor's own list names none that can be asked.
import type { ProviderRecord } from '../contracts/provider.ts';

export const azure = {
  name: 'azure',
  title: 'Azure OpenAI and Foundry',
  notes: [
    'A model’s name is that of its deployment. Deployments are not listed: only what `models` states is in `/v1/models`.',
    '`apiVersion` with a date asks for the older paths, `/openai/deployments/{model}/…?api-version=…`; without it, or with `v1` or `preview`, the v1 surface is used.',
    'Claude is asked in its own dialect under `/anthropic`, which Foundry has at `https://{resource}.services.ai.azure.com`: state that as `baseUrl`.',
    'Without a key it signs in with Entra: a client secret, workload identity, or the managed identity of the machine.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'header', name: 'api-key' }, list: false },
    { dialect: 'openai-responses', path: '', auth: { kind: 'header', name: 'api-key' }, list: false },
    {
      dialect: 'anthropic',
      path: '/anthropic',
      root: true,
      auth: { kind: 'header', name: 'x-api-key' },
      models: ['claude-*'],
      list: false,
    },
  ],
  baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
  parts: [{ name: 'resource', env: ['AZURE_RESOURCE_NAME', 'AZURE_OPENAI_RESOURCE'] }],
  ending: '/openai/v1',
  completes: true,
  urlEnv: ['AZURE_OPENAI_ENDPOINT', 'AZURE_API_BASE'],
  dated: { 'openai-chat': '/openai/deployments/{model}', 'openai-responses': '/openai' },
  keyEnv: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
  credential: 'azure',
  modelPatterns: [],
  quirks: { streamUsage: true, legacyMaxTokens: false, keepsResponses: true },
} as const satisfies ProviderRecord;
