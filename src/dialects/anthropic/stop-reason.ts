// Why an answer ended, between Anthropic's words and the neutral ones (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';

const NEUTRAL: Readonly<Record<string, StopReason>> = Object.assign(Object.create(null), {
  end_turn: 'end',
  stop_sequence: 'stop_sequence',
  max_tokens: 'max_tokens',
  model_context_window_exceeded: 'context_full',
  tool_use: 'tool_use',
  refusal: 'refusal',
  pause_turn: 'pause',
});

/** Anthropic's `stop_reason` in neutral form; null stays null. */
export function decodeStop(reason: string | null): StopReason | null {
  return reason === null ? null : (NEUTRAL[reason] ?? `unknown:${reason}`);
}

/**
 * A neutral reason as `stop_reason`. Several OpenAI-like upstreams end a tool call with `stop`; an Anthropic client
 * runs tools only on `tool_use`, so a natural end after a call is one.
 */
export function encodeStop(reason: StopReason, calledTool: boolean): string {
  switch (reason) {
    case 'stop_sequence':
    case 'max_tokens':
    case 'tool_use':
    case 'refusal':
      return reason;
    case 'context_full':
      return 'model_context_window_exceeded';
    case 'content_filter':
      return 'refusal';
    case 'pause':
      return 'pause_turn';
    default:
      return calledTool ? 'tool_use' : 'end_turn';
  }
}
