// SGLang by gRPC. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const sglangGrpc = {
  name: 'sglang-grpc',
  title: 'SGLang by gRPC',
  notes: [
    'SglangService/ChatComplete: Chat Completions as they are, tools and pictures too. The older scheduler service takes tokens alone and is not spoken.',
    'docs/model-servers.md says how a conversation becomes a request.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'grpc://127.0.0.1:40000',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {},
  grpc: 'sglang',
} as const satisfies ProviderRecord;
