// finish_reason to and from the neutral stop reason (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';
import type { JsonObject } from '../../contracts/json.ts';

/** Values that report a fault of the provider, not an end of the answer. */
const FAULTS: ReadonlySet<string> = new Set(['error', 'insufficient_system_resource']);

const NONE: ReadonlySet<string> = new Set(['', 'null', 'None']);

/** The finish_reason of a choice; null also for the word itself, which servers write that print a missing value. */
export function finishReasonOf(choice: JsonObject): string | null {
  const reason = choice['finish_reason'];
  return typeof reason !== 'string' || NONE.has(reason) ? null : reason;
}

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
 * The finish_reason of a neutral stop reason.
 *
 * @param refused the answer holds a `refusal`, which says so itself: OpenAI ends such answers naturally.
 */
export function encodeStop(stop: StopReason, refused: boolean): string {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
    case 'pause': // nobody continues the turn here: the answer is cut short
      return 'length';
    case 'tool_use':
      return 'tool_calls';
    case 'refusal':
      return refused ? 'stop' : 'content_filter';
    case 'content_filter':
      return 'content_filter';
    default: // end, stop_sequence, and what no OpenAI client would know
      return 'stop';
  }
}
