// Anthropic. The base URL has no /v1, as its SDKs take it; its own Chat Completions layer is for trials and not used.
import type { ProviderRecord } from '../contracts/provider.ts';

export const anthropic = {
  name: 'anthropic',
  title: 'Anthropic',
  notes: ['Its OpenAI-compatible layer is for trials and not used.'],
  speaks: [{ dialect: 'anthropic', path: '', auth: { kind: 'header', name: 'x-api-key' } }],
  baseUrl: 'https://api.anthropic.com',
  keyEnv: ['ANTHROPIC_API_KEY'],
  modelPatterns: ['claude-*'],
  usualModels: [
    'claude-fable-5-2',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-sonnet-4-5',
    'claude-haiku-4-5',
  ],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {
    file: {},
    'file-content': {},
    skill: {},
    'message-batch': {},
    'batch-results': {},
    passthrough: {},
  },
} as const satisfies ProviderRecord;
