// What attempts used, for the books: the upstream's own numbers where it gave them, else what is known to have been sent.
// A call has used what all of its attempts did: a provider bills what it read and said before it failed, also where another
// attempt, or another provider, answered in the end. What is asked here is asked of each attempt by itself, so that it does
// not matter how many are open at once, or in which order they end.
import type { AttemptRecord } from '../contracts/call.ts';
import { wholeUnits } from '../limits/meter.ts';

/** True when the provider saw the request: only then it counts. */
export function wasSent(attempt: AttemptRecord): boolean {
  return attempt.sentAt > 0;
}

export function wasAnySent(attempts: readonly AttemptRecord[]): boolean {
  for (let at = 0; at < attempts.length; at++) if (wasSent(attempts[at]!)) return true;
  return false;
}

/**
 * Tokens of one attempt.
 * @param prompt estimate of the request. @param output estimate of the answer.
 */
export function tokensSpent(attempt: AttemptRecord, prompt: number, output: number): number {
  if (!wasSent(attempt)) return 0;
  const { usage, contentEvents, status, errorType } = attempt;
  if (usage !== null && (usage.input !== null || usage.output !== null)) {
    return sane(usage.input, prompt) + sane(usage.output, contentEvents);
  }
  // A refusal costs nothing; a request without any answer was read by the model, as far as anybody knows.
  if (status !== 0 && (status < 200 || status > 299)) return 0;
  const whole = status !== 0 && errorType === '';
  return prompt + (whole && contentEvents === 0 ? output : contentEvents);
}

/** Tokens of all of them: what the call's own limits count. */
export function tokensOfAll(attempts: readonly AttemptRecord[], prompt: number, output: number): number {
  let sum = 0;
  for (let at = 0; at < attempts.length; at++) sum += tokensSpent(attempts[at]!, prompt, output);
  return sum;
}

/** Nanodollars of all of them; what has no price is not counted by budgets, which let it through knowingly or not at all. */
export function costOfAll(attempts: readonly AttemptRecord[]): number {
  let sum = 0;
  for (let at = 0; at < attempts.length; at++) sum += attempts[at]!.costNano ?? 0;
  return sum;
}

function sane(reported: number | null, estimate: number): number {
  if (reported === null || Number.isNaN(reported)) return estimate;
  // No answer has more than that counts as the most; a number beyond it is a fault of the upstream.
  return wholeUnits(reported);
}
