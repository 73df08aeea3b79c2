// finishReason and blockReason to and from the neutral stop reason (wire.md 7.8).
import type { StopReason } from '../../contracts/chat.ts';

/** Said of a candidate that is not over. */
const UNSPECIFIED = 'FINISH_REASON_UNSPECIFIED';

/** Values that report output the provider could not make anything of, not an end of the answer. */
const FAULTS: ReadonlySet<string> = new Set([
  'OTHER',
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'IMAGE_OTHER',
  'NO_IMAGE',
]);

const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/** The finishReason of a candidate; null where it does not say that it is over. */
export function finishReasonOf(candidate: { finishReason?: unknown }): string | null {
  const { finishReason } = candidate;
  return typeof finishReason !== 'string' || finishReason === '' || finishReason === UNSPECIFIED
    ? null
    : finishReason;
}

/** True when a finishReason means that the provider failed. */
export function isFaultReason(reason: string): boolean {
  return FAULTS.has(reason);
}

/** The neutral form of a finishReason; a value we do not know is kept as `unknown:<as written>`. */
export function decodeStop(reason: string): StopReason {
  // FUNCTION_CALL is what other servers of this API say behind a call.
  if (reason === 'STOP' || reason === 'FUNCTION_CALL') return 'end';
  if (reason === 'MAX_TOKENS') return 'max_tokens';
  if (reason === 'CONTINUATION') return 'pause';
  return FILTERED.has(reason) ? 'content_filter' : `unknown:${reason}`;
}

/** The finishReason of a neutral stop reason. */
export function encodeStop(stop: StopReason): string {
  switch (stop) {
    case 'max_tokens':
    case 'context_full':
      return 'MAX_TOKENS';
    case 'pause':
      return 'CONTINUATION';
    case 'refusal':
    case 'content_filter':
      return 'SAFETY';
    default: // end, stop_sequence, a tool call, and what no Gemini client would know
      return 'STOP';
  }
}
