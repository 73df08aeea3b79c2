// Vertex AI: Gemini and Claude in their own dialects, models of other makers on its OpenAI endpoint.
import type { ProviderRecord } from '../contracts/provider.ts';

const AUTH = { kind: 'header', name: 'x-goog-api-key' } as const;

export const vertex = {
  name: 'vertex',
  title: 'Google Vertex AI',
  notes: [
    'Gemini is asked by generateContent, Claude by `rawPredict` and `streamRawPredict`, models named `maker/model` on the OpenAI endpoint.',
    'Embeddings are asked by `:predict`, but of models newer than `gemini-embedding-001`.',
    'Without a key it signs in as Google’s own tools do: a service account’s file, workload identity, or the machine’s metadata server.',
    'With an API key and no project it is Vertex in express mode, which has Gemini alone.',
    'It has no list of what a project may use: only what `models` states is in `/v1/models`.',
  ],
  speaks: [
    {
      dialect: 'gemini',
      path: '/projects/{project}/locations/{region}/publishers/google',
      bare: '/publishers/google',
      auth: AUTH,
      hosted: 'vertex',
      list: false,
    },
    {
      dialect: 'anthropic',
      path: '/projects/{project}/locations/{region}/publishers/anthropic',
      auth: AUTH,
      models: ['claude-*'],
      hosted: 'vertex',
      list: false,
    },
    {
      dialect: 'openai-chat',
      path: '/projects/{project}/locations/{region}/endpoints/openapi',
      auth: AUTH,
      models: [
        'ai21/*',
        'deepseek-ai/*',
        'google/*',
        'meta/*',
        'minimaxai/*',
        'mistralai/*',
        'moonshotai/*',
        'nvidia/*',
        'openai/*',
        'qwen/*',
        'xai/*',
        'zai-org/*',
      ],
      list: false,
    },
  ],
  baseUrl: 'https://{region}-aiplatform.googleapis.com/v1',
  regionUrls: {
    global: 'https://aiplatform.googleapis.com/v1',
    us: 'https://aiplatform.us.rep.googleapis.com/v1',
    eu: 'https://aiplatform.eu.rep.googleapis.com/v1',
  },
  parts: [
    {
      name: 'region',
      env: ['GOOGLE_CLOUD_LOCATION', 'GOOGLE_CLOUD_REGION', 'CLOUD_ML_REGION', 'VERTEXAI_LOCATION'],
      fallback: 'global',
    },
    {
      name: 'project',
      env: ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'ANTHROPIC_VERTEX_PROJECT_ID', 'VERTEXAI_PROJECT'],
    },
  ],
  ending: '/v1',
  completes: true,
  keyEnv: ['VERTEX_API_KEY'],
  credential: 'google',
  modelPatterns: [],
  usualModels: ['gemini-3.8-flash', 'gemini-2.5-pro', 'gemini-2.5-flash'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
