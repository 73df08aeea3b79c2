// What an attempt that is over leaves in its record, and in what is known of its target's load.
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Clock } from '../../contracts/ports.ts';
import { chargeAttempt } from '../../prices/attempt-charge.ts';
import { answerPrice } from '../answer/answer-price.ts';
import { isOfOthers } from '../of-others.ts';

/**
 * What it used and cost, as far as its answer told.
 * @param answerBytes of a whole answer. @param clock of `now`: read where somebody asks for the load alone.
 */
export function account(
  target: Target,
  record: AttemptRecord,
  call: Call,
  facts: AnswerFacts | null,
  answerBytes: number,
  clock: Pick<Clock, 'now'>,
): void {
  if (!isCharged(record, facts)) {
    const own = isOfOthers(call) ? null : facts;
    record.usage = own?.usage ?? null;
    record.quantities = own?.quantities ?? null;
    chargeAttempt(record, answerPrice(target, call, facts), call, answerBytes);
  }
  const { load } = target;
  if (load === null || facts?.usage == null) return;
  const { input, output } = facts.usage;
  load.spent(clock.now(), (input ?? 0) + (output ?? 0));
}

/** The head of a whole answer told what it cost (cost-header.ts), of the same use: no need to find it out again. */
function isCharged(record: AttemptRecord, facts: AnswerFacts | null): boolean {
  return (
    record.priceVersion !== '' &&
    record.contentEvents === 0 &&
    record.errorType === '' &&
    record.usage === facts?.usage &&
    record.quantities === (facts.quantities ?? null)
  );
}

/** Its answer was good. @param sentAt monotonic ms. */
export function served(
  target: Target,
  call: Call,
  record: AttemptRecord,
  sentAt: number,
  clock: Pick<Clock, 'now'>,
): void {
  target.cell.served(sentAt);
  target.load?.served(clock.now(), firstByteMs(call, record));
}

/** From the request to the first byte of the answer that says something: of a stream its first content. */
function firstByteMs(call: Call, record: AttemptRecord): number {
  const firstAt = call.stream ? call.firstByteAt - call.startedAt : record.headAt;
  return firstAt - record.sentAt;
}
