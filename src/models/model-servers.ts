// Model servers that are asked by gRPC for text: what Chat Completions have and a prompt has not. SGLang takes chats as they are, and has
// no record here.
import type { CapabilityChange, CapabilityRecord } from '../contracts/capability.ts';

const TEXT: CapabilityChange = {
  tools: 'none',
  images: false,
  pdf: false,
  audio: false,
  jsonSchema: 'none',
  thinking: 'none',
  reasoningReplay: 'none',
  refuses: [
    'logprobs',
    'top_logprobs',
    'logit_bias',
    'parallel_tool_calls',
    'tool_choice',
    'service_tier',
    'store',
    'prediction',
    'modalities',
    'audio',
    'web_search_options',
    'verbosity',
    'safety_identifier',
    'prompt_cache_key',
    'prompt_cache_retention',
  ],
  messageRefuses: [
    'name',
    'reasoning_content',
    'reasoning',
    'reasoning_details',
    'thinking_blocks',
    'refusal',
  ],
};

function record(vendor: string, source: string, change: CapabilityChange = TEXT): CapabilityRecord {
  return {
    family: vendor,
    names: null,
    vendors: [vendor],
    dialect: 'openai-chat',
    from: '2023-01',
    source,
    checked: '2026-11-29',
    change,
  };
}

export const MODEL_SERVER_RECORDS: readonly CapabilityRecord[] = [
  record('kserve', 'kserve/open-inference-protocol: tensors in, tensors out'),
  record('triton', 'triton-inference-server/common grpc_service.proto: tensors in, tensors out'),
  record(
    'vllm-grpc',
    'smg-grpc-proto 0.4.11 (PyPI), vllm_engine.proto: text in, structured outputs by schema',
    {
      ...TEXT,
      jsonSchema: 'full',
    },
  ),
  record('grpc', 'src/grpc/protocols/mapped.ts: what the mapping says'),
];
