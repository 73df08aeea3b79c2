// In which dialect a request on the chat socket is, where its frame does not say: by members that only one of them has.
import type { DialectName } from '../../contracts/dialect-name.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { isObject } from '../../dialects/read.ts';

/** The first that fits. */
const ONLY: readonly (readonly [DialectName, readonly string[]])[] = [
  ['gemini', ['contents', 'generationConfig', 'systemInstruction', 'system_instruction']],
  ['bedrock', ['inferenceConfig', 'toolConfig', 'additionalModelRequestFields', 'guardrailConfig']],
  ['openai-responses', ['input', 'instructions', 'previous_response_id', 'max_output_tokens']],
  ['anthropic', ['system', 'anthropic_version', 'stop_sequences', 'thinking', 'mcp_servers', 'top_k']],
  ['cohere', ['documents', 'citation_options', 'safety_mode', 'strict_tools', 'k', 'p']],
];
/** Blocks of content that Chat Completions has not. */
const ANTHROPIC_BLOCKS: ReadonlySet<unknown> = new Set([
  'tool_use',
  'tool_result',
  'image',
  'document',
  'thinking',
]);

/** @param usual what it is where nothing tells. */
export function detectDialect(request: JsonObject, usual: DialectName): DialectName {
  for (const [dialect, members] of ONLY)
    if (members.some((name) => request[name] !== undefined)) return dialect;
  const { tools, messages } = request;
  if (Array.isArray(tools) && tools.some((tool) => isObject(tool) && tool['input_schema'] !== undefined))
    return 'anthropic';
  if (!Array.isArray(messages)) return usual;
  for (const message of messages) {
    if (!isObject(message) || !Array.isArray(message['content'])) continue;
    for (const block of message['content']) {
      if (!isObject(block)) continue;
      // Converse names its blocks by their one member.
      if (block['type'] === undefined) return 'bedrock';
      if (ANTHROPIC_BLOCKS.has(block['type'])) return 'anthropic';
    }
  }
  return usual;
}
