// What is asked for the use that an answer tells of.
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';

/**
 * The price of the target; where its request named no model (unnamed-model.ts), that of the model which answered, as the answer says.
 * So do films, whose requests nobody reads. Null: not known. What else is forwarded as it came has no model here, whatever its answer
 * says.
 */
export function answerPrice(
  { price, model, provider }: Target,
  { operation, snapshot }: Call,
  facts: AnswerFacts | null,
): Price | null {
  if (price !== null || model !== '' || !facts?.model) return price;
  const priceOf = (name: string): Price | null => snapshot.models.priceOf(provider.name, name);
  if (operation!.name === 'video' && LARGE.test(facts.quantities?.size ?? ''))
    return priceOf(`${facts.model}-high-res`) ?? priceOf(facts.model);
  return operation!.raw === undefined || operation!.name === 'video' ? priceOf(facts.model) : null;
}

/** Films of these sizes have a price of their own, where their model makes them. */
const LARGE = /^(?:1024x1792|1792x1024)$/;
