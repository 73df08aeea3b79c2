// What the end of an answer really was, seen from what it holds: upstreams say `stop` behind a forced tool call or a
// refusal, `tool_calls` without any call, or nothing. Clients run tools, or wait for some, by this word alone.
import type { StopReason } from '../contracts/chat.ts';

/** What an answer was seen to hold. */
export interface Held {
  toolCall: boolean;
  refusal: boolean;
}

/** @param stop as the upstream told it; null = it told none. */
export function realStop(stop: StopReason | null, { toolCall, refusal }: Held): StopReason {
  if (stop !== null && stop !== 'end' && stop !== 'tool_use') return stop;
  if (toolCall) return 'tool_use';
  return refusal ? 'refusal' : 'end';
}

/** Whether an answer that ended so may hold a tool call whose arguments break off. */
export function cutsShort(stop: StopReason | null): boolean {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
    case 'content_filter':
    case 'refusal':
    case 'pause':
      return true;
    default:
      return false;
  }
}
