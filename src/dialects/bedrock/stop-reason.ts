// Why an answer ended, between Bedrock's words and the neutral ones (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';
import { faultError } from '../fault-error.ts';
import { faultNamed } from './faults.ts';

const NEUTRAL: Readonly<Record<string, StopReason>> = Object.assign(Object.create(null), {
  end_turn: 'end',
  stop_sequence: 'stop_sequence',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'context_full',
  tool_use: 'tool_use',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
  refusal: 'refusal',
});

/**
 * Bedrock's `stopReason` in neutral form; null stays null.
 *
 * @throws GatewayError with a fault: the model's output was broken, which is no answer.
 */
export function decodeStop(reason: string | null): StopReason | null {
  if (reason === null) return null;
  if (reason.startsWith('malformed_')) {
    throw faultError(faultNamed('ModelErrorException', `The model failed: ${reason}.`, 500));
  }
  return NEUTRAL[reason] ?? `unknown:${reason}`;
}

/** A neutral reason as `stopReason`. Clients run tools only on `tool_use`, so a natural end after a call is one. */
export function encodeStop(reason: StopReason, calledTool: boolean): string {
  switch (reason) {
    case 'stop_sequence':
    case 'max_tokens':
    case 'tool_use':
      return reason;
    case 'pause': // it is not over, and nobody goes on with it by itself
      return 'max_tokens';
    case 'context_full':
      return 'model_context_window_exceeded';
    case 'refusal':
    case 'content_filter':
      return 'content_filtered';
    default:
      return calledTool ? 'tool_use' : 'end_turn';
  }
}
