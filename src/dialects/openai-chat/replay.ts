// Whether, and in which field, an upstream gets the reasoning of earlier turns back. The strict ones refuse a message
// with a field they do not know (Groq: "property 'reasoning_content' is unsupported"); DeepSeek refuses a tool loop
// without it.
import type { Capabilities } from '../../contracts/capability.ts';
import type { Part, ReasoningPart } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';
import { writeReasoning } from './reasoning.ts';

/** Adds the reasoning among `parts` to an assistant message. False when this model takes none: it was left out. */
export function replayReasoning(
  parts: readonly Part[],
  replay: Capabilities['reasoningReplay'],
  message: JsonObject,
): boolean {
  const reasonings = parts.filter((part): part is ReasoningPart => part.kind === 'reasoning');
  if (reasonings.length === 0) return true;
  if (replay === 'none') return false;
  writeReasoning(reasonings, message);
  if (replay === 'reasoning_content') return true;
  // The short name for the text, with or without the details beside it.
  const text = message['reasoning_content'];
  delete message['reasoning_content'];
  if (text !== undefined) message['reasoning'] = text;
  if (replay === 'reasoning_details') return true;
  delete message['reasoning_details'];
  return text !== undefined;
}
