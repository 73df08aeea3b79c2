// vLLM by gRPC. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const vllmGrpc = {
  name: 'vllm-grpc',
  title: 'vLLM by gRPC',
  notes: [
    "`vllm serve … --grpc`: takes text and answers tokens, of which the engine's own tokenizer (asked for once) makes text.",
    'docs/model-servers.md says how a conversation becomes a request.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'grpc://127.0.0.1:50051',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {},
  grpc: 'vllm',
} as const satisfies ProviderRecord;
