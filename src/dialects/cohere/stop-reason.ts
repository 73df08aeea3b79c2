// finish_reason to and from the neutral stop reason (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';

/** Values that report a fault of the provider, not an end of the answer. */
export function isFaultReason(reason: string): boolean {
  return reason === 'ERROR' || reason === 'TIMEOUT';
}

/** The neutral form of a finish_reason; a value we do not know is kept as `unknown:<as written>`. */
export function decodeStop(reason: string): StopReason {
  switch (reason) {
    case 'COMPLETE':
      return 'end';
    case 'STOP_SEQUENCE':
      return 'stop_sequence';
    case 'MAX_TOKENS':
      return 'max_tokens';
    case 'TOOL_CALL':
      return 'tool_use';
    default:
      return `unknown:${reason}`;
  }
}

/** The finish_reason of a neutral stop reason. */
export function encodeStop(stop: StopReason): string {
  switch (stop) {
    case 'stop_sequence':
      return 'STOP_SEQUENCE';
    case 'max_tokens':
    case 'context_full':
    case 'pause': // nobody continues the turn here: the answer is cut short
      return 'MAX_TOKENS';
    case 'tool_use':
      return 'TOOL_CALL';
    case 'refusal':
    case 'content_filter':
      return 'ERROR';
    default: // end, and what no client of Cohere's would know
      return 'COMPLETE';
  }
}
