// What a call used, for the books: the upstream's own numbers where it gave them, else what is known to have been sent.
import type { AttemptRecord, Call } from '../contracts/call.ts';
import { wholeUnits } from '../limits/meter.ts';

/** True when the provider saw the request: only then it counts. */
export function wasSent(attempt: AttemptRecord | undefined): boolean {
  return attempt !== undefined && attempt.sentAt > 0;
}

/**
 * Tokens of the last attempt.
 * @param prompt estimate of the request. @param output estimate of the answer.
 */
export function tokensSpent(call: Call, prompt: number, output: number): number {
  const attempt = call.attempts.at(-1);
  if (attempt === undefined || !wasSent(attempt)) return 0;
  const { usage, contentEvents } = attempt;
  if (usage !== null && (usage.input !== null || usage.output !== null)) {
    return sane(usage.input, prompt) + sane(usage.output, contentEvents);
  }
  // A refusal costs nothing; a request without any answer was read by the model, as far as anybody knows.
  if (attempt.status !== 0 && (attempt.status < 200 || attempt.status > 299)) return 0;
  if (call.error === null && call.status === 200)
    return prompt + (contentEvents > 0 ? contentEvents : output);
  return prompt + contentEvents;
}

function sane(reported: number | null, estimate: number): number {
  if (reported === null || Number.isNaN(reported)) return estimate;
  // No answer has more than that counts as the most; a number beyond it is a fault of the upstream.
  return wholeUnits(reported);
}
