// Whether, and in which field, an upstream gets the reasoning of earlier turns back. The strict ones refuse a message
// with a field they do not know (Groq: "property 'reasoning_content' is unsupported"); DeepSeek refuses a tool loop
// without it.
import type { Part, ReasoningPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { writeReasoning } from './reasoning.ts';

const REFUSE: ReadonlySet<string> = new Set([
  'openai',
  'azure',
  'groq',
  'mistral',
  'together',
  'huggingface',
  'nvidia',
  'perplexity',
]);
/** Their name for the text is `reasoning`. */
const SHORT_NAME: ReadonlySet<string> = new Set(['cerebras', 'openrouter']);

/** Adds the reasoning among `parts` to an assistant message. False when this provider takes none: it was left out. */
export function replayReasoning(parts: readonly Part[], provider: string, message: JsonObject): boolean {
  const reasonings = parts.filter((part): part is ReasoningPart => part.kind === 'reasoning');
  if (reasonings.length === 0) return true;
  if (REFUSE.has(provider)) return false;
  writeReasoning(reasonings, message);
  if (!SHORT_NAME.has(provider)) return true;
  const text = message['reasoning_content'];
  delete message['reasoning_content'];
  if (text !== undefined) message['reasoning'] = text;
  if (provider !== 'openrouter') delete message['reasoning_details'];
  return text !== undefined || provider === 'openrouter';
}
