// Every provider the gateway knows by name, as an explicit list. The order is that of /v1/models and of `headgate
// models` for providers that come from the environment alone.
import type { ProviderRecord } from '../contracts/provider.ts';
import { anthropic } from './anthropic.ts';
import { azure } from './azure.ts';
import { bedrock } from './bedrock.ts';
import { cerebras } from './cerebras.ts';
import { cloudflare } from './cloudflare.ts';
import { cohere } from './cohere.ts';
import { databricks } from './databricks.ts';
import { deepseek } from './deepseek.ts';
import { fireworks } from './fireworks.ts';
import { gemini } from './gemini.ts';
import { githubModels } from './github-models.ts';
import { groq } from './groq.ts';
import { grpc } from './grpc.ts';
import { huggingface } from './huggingface.ts';
import { kserve } from './kserve.ts';
import { llamacpp } from './llamacpp.ts';
import { lmstudio } from './lmstudio.ts';
import { mistral } from './mistral.ts';
import { nebius } from './nebius.ts';
import { nvidia } from './nvidia.ts';
import { nvidiaRerank } from './nvidia-rerank.ts';
import { ollama } from './ollama.ts';
import { openai } from './openai.ts';
import { openrouter } from './openrouter.ts';
import { perplexity } from './perplexity.ts';
import { sglang } from './sglang.ts';
import { sglangGrpc } from './sglang-grpc.ts';
import { together } from './together.ts';
import { triton } from './triton.ts';
import { vertex } from './vertex.ts';
import { vllm } from './vllm.ts';
import { vllmGrpc } from './vllm-grpc.ts';
import { xai } from './xai.ts';

/** Known providers. One with an empty `keyEnv` runs without a key and is on only when configured. */
export const PROVIDERS: readonly ProviderRecord[] = [
  openai,
  anthropic,
  gemini,
  mistral,
  groq,
  deepseek,
  xai,
  openrouter,
  together,
  fireworks,
  cerebras,
  cohere,
  nebius,
  huggingface,
  perplexity,
  nvidia,
  nvidiaRerank,
  bedrock,
  azure,
  vertex,
  databricks,
  cloudflare,
  githubModels,
  ollama,
  vllm,
  sglang,
  lmstudio,
  llamacpp,
  triton,
  kserve,
  vllmGrpc,
  sglangGrpc,
  grpc,
];
