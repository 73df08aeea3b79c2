// The GenAI conventions of OpenTelemetry: both sets of names in one table, and what providers and operations are called.
import type { OperationName } from '../../contracts/operation.ts';
import type { SemanticNames } from '../../contracts/telemetry.ts';

export interface NameTable {
  readonly cacheWriteTokens: string;
  /** `gen_ai.request.top_k` is a whole number; else a fraction. */
  readonly wholeTopK: boolean;
}

export const NAME_TABLES: Readonly<Record<SemanticNames, NameTable>> = {
  'v1.41': { cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens', wholeTopK: false },
  latest: { cacheWriteTokens: 'gen_ai.usage.cache_write.input_tokens', wholeTopK: true },
};

/** `gen_ai.provider.name` by the record a provider follows; the others go by their own name. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  bedrock: 'aws.bedrock',
  gemini: 'gcp.gemini',
  'github-models': 'azure.ai.inference',
  mistral: 'mistral_ai',
  vertex: 'gcp.vertex_ai',
  xai: 'x_ai',
};

export const providerNameOf = (vendor: string): string => PROVIDERS[vendor] ?? vendor;

/** `gen_ai.operation.name`; an operation without a name of the conventions goes by its own. */
const OPERATIONS: Readonly<Partial<Record<OperationName, string>>> = {
  chat: 'chat',
  completion: 'text_completion',
  embeddings: 'embeddings',
};

export function operationNameOf(operation: OperationName, dialect: string): string {
  // Gemini's own word for the same.
  if (operation === 'chat' && dialect === 'gemini') return 'generate_content';
  return OPERATIONS[operation] ?? operation;
}
