// OpenAI. Its reasoning models refuse `max_tokens`, so the new name is used throughout.
import type { ProviderRecord } from '../contracts/provider.ts';

export const openai = {
  name: 'openai',
  title: 'OpenAI',
  speaks: [
    { dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } },
    { dialect: 'openai-responses', path: '', auth: { kind: 'bearer' } },
  ],
  baseUrl: 'https://api.openai.com/v1',
  keyEnv: ['OPENAI_API_KEY'],
  modelPatterns: [
    'gpt-*',
    'chatgpt-*',
    'o1*',
    'o3*',
    'o4*',
    'text-embedding-*',
    'omni-moderation-*',
    'text-moderation-*',
    'dall-e-*',
    'sora-*',
    'tts-*',
    'whisper-*',
    'davinci-*',
    'babbage-*',
  ],
  usualModels: ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-5', 'gpt-5-mini', 'o3', 'o4-mini'],
  quirks: { streamUsage: true, legacyMaxTokens: false, keepsResponses: true },
} as const satisfies ProviderRecord;
