// What is asked for the use that an answer tells of.
import type { Call } from '../../contracts/call.ts';
import type { AnswerFacts } from '../../contracts/chat.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Price } from '../../contracts/price.ts';

/**
 * The price of the target; where its request named no model (unnamed-model.ts), that of the model which answered, as the answer says.
 * So do films that are made anew. Null: not known. What else is forwarded as it came has no model here, whatever its answer says.
 */
export function answerPrice(
  { price, model, provider }: Target,
  { operation, snapshot }: Call,
  facts: AnswerFacts | null,
): Price | null {
  const film = operation!.films === true;
  if (!film && (price !== null || model !== '' || !facts?.model)) return price;
  const made = model === '' ? facts?.model : model;
  if (!made) return price;
  const priceOf = (name: string): Price | null => snapshot.models.priceOf(provider.name, name);
  const large = film && LARGE.test(facts?.quantities?.size ?? '') ? priceOf(`${made}-high-res`) : null;
  if (large !== null) return large;
  if (model !== '') return price;
  return operation!.raw === undefined || film ? priceOf(made) : null;
}

/** Films of these sizes have a price of their own, where their model makes them. */
const LARGE = /^(?:1024x1792|1792x1024)$/;
