// The manner of each dialect, without its code: what the primary and the configuration need of it.
import type { DialectName } from '../contracts/dialect-name.ts';
import type { Manner } from '../contracts/manner.ts';
import { manner as anthropic } from '../dialects/anthropic/manner.ts';
import { manner as bedrock } from '../dialects/bedrock/manner.ts';
import { manner as bedrockInvoke } from '../dialects/bedrock-invoke/manner.ts';
import { manner as cohere } from '../dialects/cohere/manner.ts';
import { manner as gemini } from '../dialects/gemini/manner.ts';
import { manner as openaiChat } from '../dialects/openai-chat/manner.ts';
import { manner as openaiResponses } from '../dialects/openai-responses/manner.ts';

/** Every manner by the name of its dialect. */
export const manners: Readonly<Record<DialectName, Manner>> = {
  'openai-chat': openaiChat,
  anthropic,
  bedrock,
  'bedrock-invoke': bedrockInvoke,
  cohere,
  gemini,
  'openai-responses': openaiResponses,
};

/** Names of all dialects, in the order they are tried where nothing says which is meant. */
export const DIALECT_NAMES = Object.keys(manners) as DialectName[];
