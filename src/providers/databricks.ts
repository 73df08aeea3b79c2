// Databricks' serving endpoints: one OpenAI surface for all, Claude and Gemini in their own dialects too.
import type { ProviderRecord } from '../contracts/provider.ts';

export const databricks = {
  name: 'databricks',
  title: 'Databricks model serving',
  notes: [
    'A model’s name is that of its serving endpoint. Endpoints are not listed: only what `models` states is in `/v1/models`.',
    'With `DATABRICKS_CLIENT_ID` and `DATABRICKS_CLIENT_SECRET` in place of a token it signs in as a service principal.',
  ],
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, models: ['*'], list: false },
    {
      dialect: 'openai-responses',
      path: '',
      auth: { kind: 'bearer' },
      models: ['databricks-gpt-5*', 'databricks-gpt-6*'],
      list: false,
    },
    {
      dialect: 'anthropic',
      path: '/anthropic',
      auth: { kind: 'bearer' },
      models: ['databricks-claude-*'],
      list: false,
    },
    {
      dialect: 'gemini',
      path: '/gemini/v1beta',
      auth: { kind: 'bearer' },
      models: ['databricks-gemini-*'],
      list: false,
    },
  ],
  baseUrl: 'https://{workspace}/serving-endpoints',
  parts: [{ name: 'workspace', env: ['DATABRICKS_HOST'] }],
  ending: '/serving-endpoints',
  completes: true,
  urlEnv: ['DATABRICKS_API_BASE'],
  keyEnv: ['DATABRICKS_TOKEN', 'DATABRICKS_API_KEY'],
  credential: 'databricks',
  modelPatterns: ['databricks-*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: { embeddings: {}, completion: {}, passthrough: {} },
} as const satisfies ProviderRecord;
