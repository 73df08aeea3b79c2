// What a whole answer cost, for its head: it has to be known before the answer goes out, and so before its attempt is over.
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import { chargeAttempt, costOfCall } from '../../prices/attempt-charge.ts';
import { answerPrice } from './answer-price.ts';
import { mayWantCost } from '../usage-cost/wants-cost.ts';

/**
 * Nanodollars of all attempts of the call, the one that answers among them; null where something it used has no price.
 * @param answerBytes of the answer as it came.
 */
export function costToTell(
  call: Call,
  target: Target,
  facts: AnswerFacts | null,
  answerBytes: number,
): number | null {
  const record = call.attempts.at(-1);
  if (record === undefined) return null;
  return charged(call, record, target, facts, answerBytes);
}

/** From now on this attempt's answer is told: a call whose usage says what it cost finds that out as it goes. */
export function followCost(
  call: Call,
  { record, target }: { readonly record: AttemptRecord; readonly target: Target },
  facts: () => AnswerFacts | null,
): void {
  if (mayWantCost(call)) call.costSoFar = () => charged(call, record, target, facts(), 0);
}

function charged(
  call: Call,
  record: AttemptRecord,
  target: Target,
  facts: AnswerFacts | null,
  answerBytes: number,
): number | null {
  record.usage = facts?.usage ?? null;
  record.quantities = facts?.quantities ?? null;
  chargeAttempt(record, answerPrice(target, call, facts), call, answerBytes);
  return costOfCall(call.attempts);
}
