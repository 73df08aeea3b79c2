// Any gRPC service. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const grpc = {
  name: 'grpc',
  title: 'Any gRPC service',
  notes: [
    'A method of your own .proto, mapped by `grpc.request` and `grpc.answer`.',
    'docs/model-servers.md says how a conversation becomes a request.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, list: false }],
  baseUrl: 'grpc://127.0.0.1:50051',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {},
  grpc: 'proto',
} as const satisfies ProviderRecord;
