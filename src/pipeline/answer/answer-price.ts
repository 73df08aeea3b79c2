// What is asked for the use that an answer tells of.
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';

/**
 * The price of the target; where its request named no model (unnamed-model.ts), that of the model which answered, as the answer says.
 * Null: not known. What is forwarded as it came has no model here, whatever its answer says.
 */
export function answerPrice(
  { price, model, provider }: Target,
  { operation, snapshot }: Call,
  facts: AnswerFacts | null,
): Price | null {
  if (price !== null || model !== '' || !facts?.model || operation!.raw !== undefined) return price;
  return snapshot.models.priceOf(provider.name, facts.model);
}
