// Amazon Bedrock's runtime. Its address holds the region; a key is a Bedrock API key, sent as Bearer, or a key pair of AWS
// that signs each request. Claude may be asked in its own format (invoke) as well as by Converse, and OpenAI's models by their own
// dialects, below /openai/v1.
import type { ProviderRecord } from '../contracts/provider.ts';

/** Those that the runtime serves in OpenAI's dialects: docs.aws.amazon.com/bedrock/latest/userguide/apis.html */
const OPENAI = ['openai.', 'us.openai.', 'eu.openai.', 'global.openai.'] as const;

export const bedrock = {
  name: 'bedrock',
  title: 'Amazon Bedrock',
  notes: [
    'Lists its models at another host: only what `models` states is in `/v1/models`.',
    'OpenAI’s models there are asked in the dialect of their client, the open ones (gpt-oss) by Chat Completions and Converse alone.',
  ],
  speaks: [
    { dialect: 'bedrock', path: '', auth: { kind: 'aws' } },
    { dialect: 'bedrock-invoke', path: '', auth: { kind: 'aws' } },
    {
      dialect: 'openai-chat',
      path: '/openai/v1',
      auth: { kind: 'aws' },
      only: OPENAI.map((name) => `${name}*`),
      list: false,
    },
    {
      dialect: 'openai-responses',
      path: '/openai/v1',
      auth: { kind: 'aws' },
      only: OPENAI.flatMap((name) => [`${name}gpt-5*`, `${name}gpt-6*`]),
      list: false,
    },
  ],
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  // The partitions of China and of Europe's own cloud.
  regionUrls: {
    'cn-*': 'https://bedrock-runtime.{region}.amazonaws.com.cn',
    'eusc-*': 'https://bedrock-runtime.{region}.amazonaws.eu',
  },
  parts: [{ name: 'region', env: ['AWS_REGION', 'AWS_DEFAULT_REGION'], fallback: 'us-east-1' }],
  keyEnv: ['AWS_BEARER_TOKEN_BEDROCK'],
  pairEnv: {
    accessKeyId: 'AWS_ACCESS_KEY_ID',
    secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
    sessionToken: 'AWS_SESSION_TOKEN',
  },
  credential: 'aws',
  modelPatterns: [
    'arn:aws:bedrock:*',
    'arn:aws-us-gov:bedrock:*',
    'us.*',
    'us-gov.*',
    'eu.*',
    'apac.*',
    'jp.*',
    'au.*',
    'ca.*',
    'global.*',
    'ai21.*',
    'amazon.*',
    'anthropic.*',
    'cohere.*',
    'deepseek.*',
    'google.*',
    'meta.*',
    'minimax.*',
    'mistral.*',
    'moonshot.*',
    'nvidia.*',
    'openai.*',
    'qwen.*',
    'writer.*',
    'xai.*',
    'zai.*',
  ],
  quirks: { streamUsage: true, legacyMaxTokens: false },
  // What OpenAI's dialects have elsewhere is not there.
  endpoints: { embeddings: {}, rerank: {}, passthrough: {} },
} as const satisfies ProviderRecord;
