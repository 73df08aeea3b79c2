// Open Inference Protocol v2 (KServe and others). On only when configured.
import type { ProviderRecord } from '../contracts/provider.ts';

export const kserve = {
  name: 'kserve',
  title: 'Open Inference Protocol v2 (KServe and others)',
  notes: [
    'ModelInfer of any server of the protocol: KServe, Triton, MLServer, OpenVINO, TorchServe. The prompt is a tensor of BYTES, and so is the answer.',
    'docs/model-servers.md says how a conversation becomes a request.',
  ],
  speaks: [{ dialect: 'openai-chat', path: '', auth: { kind: 'bearer' }, list: false }],
  baseUrl: 'grpc://127.0.0.1:8081',
  keyEnv: [],
  modelPatterns: ['*'],
  quirks: { streamUsage: true, legacyMaxTokens: true },
  endpoints: {},
  grpc: 'oip',
} as const satisfies ProviderRecord;
