// Triton Inference Server. On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const triton = {
  name: 'triton',
  title: 'Triton Inference Server',
  notes: [
    "ModelStreamInfer, which is Triton's own: models that answer in pieces (decoupled) are streamed. For others: vendor kserve.",
    'docs/model-servers.md says how a conversation becomes a request.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' } }],
  baseUrl: 'grpc://127.0.0.1:8001',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {},
  grpc: 'triton',
} as const satisfies ProviderRecord;
