// Amazon Bedrock's runtime. Its address holds the region; a key is a Bedrock API key, sent as Bearer, or a key pair of AWS
// that signs each request. Claude may be asked in its own format (invoke) as well as by Converse.
import type { ProviderRecord } from '../contracts/provider.ts';

export const bedrock = {
  name: 'bedrock',
  speaks: [
    { dialect: 'bedrock', path: '', auth: { kind: 'aws' } },
    { dialect: 'bedrock-invoke', path: '', auth: { kind: 'aws' } },
  ],
  baseUrl: 'https://bedrock-runtime.{region}.amazonaws.com',
  keyEnv: ['AWS_BEARER_TOKEN_BEDROCK'],
  pairEnv: {
    accessKeyId: 'AWS_ACCESS_KEY_ID',
    secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
    sessionToken: 'AWS_SESSION_TOKEN',
  },
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
    'zai.*',
  ],
  quirks: { streamUsage: true, legacyMaxTokens: true },
} as const satisfies ProviderRecord;
