// finish_reason to and from the neutral stop reason (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';

/** Values that report a fault of the provider, not an end of the answer. */
const FAULTS: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource']);

/** True when a finish_reason means that the provider failed (Mistral, OpenRouter, DeepSeek). */
export function isFaultReason(reason: string): boolean {
  return FAULTS.has(reason);
}

/** The neutral form of a finish_reason; a value we do not know is kept as `unknown:<as written>`. */
export function decodeStop(reason: string): StopReason {
  switch (reason) {
    case 'stop':
    case 'eos': // Together
      return 'end';
    case 'length':
    case 'model_length': // Mistral
      return 'max_tokens';
    case 'tool_calls':
    case 'function_call':
      return 'tool_use';
    case 'content_filter':
      return 'content_filter';
    default:
      return `unknown:${reason}`;
  }
}

/**
 * What the end really was: a forced tool call ends with `stop` at OpenAI, and so does a refusal; other dialects have
 * their own words for both.
 */
export function refineStop(stop: StopReason, seen: { toolCall: boolean; refusal: boolean }): StopReason {
  if (stop !== 'end') return stop;
  if (seen.toolCall) return 'tool_use';
  return seen.refusal ? 'refusal' : 'end';
}

/** The finish_reason of a neutral stop reason. */
export function encodeStop(stop: StopReason): string {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
    case 'pause': // nobody continues the turn here: the answer is cut short
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'refusal':
    case 'content_filter':
      return 'content_filter';
    default: // end, stop_sequence, and what no OpenAI client would know
      return 'stop';
  }
}
