// What a whole answer cost, for its head: it has to be known before the answer goes out, and so before its attempt is over.
import type { Call } from '../contracts/call.ts';
import type { AnswerFacts } from '../contracts/chat.ts';
import type { Target } from '../contracts/plan.ts';
import { chargeAttempt, costOfCall } from '../prices/attempt-charge.ts';
import { usdText } from '../prices/usd-text.ts';

/**
 * Dollars of all attempts of the call, the one that answers among them; null where something it used has no price.
 * @param answerBytes of the answer as it came.
 */
export function costToTell(
  call: Call,
  { price }: Target,
  facts: AnswerFacts | null,
  answerBytes: number,
): string | null {
  const record = call.attempts.at(-1);
  if (record === undefined) return null;
  record.usage = facts?.usage ?? null;
  record.quantities = facts?.quantities ?? null;
  chargeAttempt(record, price, call, answerBytes);
  const nanoUsd = costOfCall(call.attempts);
  return nanoUsd === null ? null : usdText(nanoUsd);
}
