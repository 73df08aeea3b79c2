// The dialects Headgate speaks, as an explicit list.
import type { Dialect, DialectName } from '../contracts/dialect.ts';
import { anthropic } from '../dialects/anthropic/dialect.ts';
import { bedrock } from '../dialects/bedrock/dialect.ts';
import { bedrockInvoke } from '../dialects/bedrock-invoke/dialect.ts';
import { cohere } from '../dialects/cohere/dialect.ts';
import { gemini } from '../dialects/gemini/dialect.ts';
import { openaiChat } from '../dialects/openai-chat/dialect.ts';
import { openaiResponses } from '../dialects/openai-responses/dialect.ts';

/** Every dialect by its name in configuration. */
export const dialects: Readonly<Record<DialectName, Dialect>> = {
  'openai-chat': openaiChat,
  anthropic,
  bedrock,
  'bedrock-invoke': bedrockInvoke,
  cohere,
  gemini,
  'openai-responses': openaiResponses,
};

/** The dialect of that name. */
export function dialectByName(name: DialectName): Dialect {
  return dialects[name];
}
