// What a call may cost, before it is made: what its budgets set aside for it.
import type { Call } from '../contracts/call.ts';
import type { Target } from '../contracts/plan.ts';
import { isChargedWhenOver } from '../prices/attempt-charge.ts';
import { isPriced } from '../prices/price-at.ts';
import { mostOf, mostTokens, ReservePrices } from '../prices/reserve.ts';
import { choicesOf } from './choices.ts';
import { filmLength } from './film-length.ts';
import { maySpeak } from './may-speak.ts';
import type { Matched } from './limit-plan.ts';
import type { Estimate } from './reservation.ts';
import { searchesAsked } from './searches-asked.ts';

/** What such calls have cost is learnt in whole microdollars; all else is nanodollars. */
export const MICRO_NANO = 1_000;

export class MoneyEstimator {
  /** Calls under a budget whose model has no known price. */
  unknownPrice: 'refuse' | 'allow' = 'refuse';
  readonly #prices = new ReservePrices();
  /** One for all: who asks reads it at once. */
  readonly #estimate: { -readonly [field in keyof Estimate]: number } = {
    prompt: 0,
    output: 0,
    cost: 0,
    promptCost: 0,
    tokenCost: 0,
  };

  /** Of a call that no budget counts. */
  free(prompt: number, output: number): Estimate {
    return this.#set(prompt, output, 0, 0, 0);
  }

  /** What it may cost at the dearest of the targets; null where none of them has a price, and that is no way to spend money. */
  reserved(
    call: Call,
    matched: Matched,
    targets: readonly Target[],
    prompt: number,
    output: number,
  ): Estimate | null {
    const { meters, answer, past } = call.operation!;
    // A price says nothing of what nobody counts.
    if (past === true) return this.unknownPrice === 'refuse' ? null : this.#set(prompt, output, 1, 0, 0);
    // Charged later; a budget that is used up begins nothing all the same.
    if (isChargedWhenOver(call)) return this.#set(prompt, output, 1, 0, 0);
    const promptTokens = meters.includes('tokens') ? mostTokens(call.facts!.promptBytes) : 0;
    const outputTokens = output === 0 || answer !== 'deltas' ? output : output * choicesOf(call);
    const seconds = filmLength(call);
    let cost = -1;
    let promptCost = 0;
    let tokenCost = 0;
    let searchable: number | null = null;
    for (let at = 0; at < targets.length; at++) {
      const { price } = targets[at]!;
      if (!isPriced(price)) continue;
      const rates = this.#prices.of(price, promptTokens);
      // Few models speak, and of all others nothing has to be looked for.
      const said = rates.spoken > rates.output && maySpeak(call) ? rates.spoken : rates.output;
      const searches = rates.search > 0 ? (searchable ??= searchesAsked(call)) : 0;
      cost = Math.max(cost, mostOf(rates, promptTokens, outputTokens, seconds, said, searches));
      promptCost = Math.max(promptCost, (promptTokens * rates.input) / 1000);
      tokenCost = Math.max(tokenCost, said / 1000);
    }
    // What is not counted still wants room: a budget that is used up lets nothing through.
    if (cost < 0) return this.unknownPrice === 'refuse' ? null : this.#set(prompt, output, 1, 0, 0);
    // Of pictures, sound and the like nobody can say before: as much as such calls have cost.
    if (answer !== 'deltas') cost = Math.max(cost, matched.cost.tokens * MICRO_NANO);
    return this.#set(prompt, output, Math.max(1, cost), promptCost, tokenCost);
  }

  #set(prompt: number, output: number, cost: number, promptCost: number, tokenCost: number): Estimate {
    const estimate = this.#estimate;
    estimate.prompt = prompt;
    estimate.output = output;
    estimate.cost = cost;
    estimate.promptCost = promptCost;
    estimate.tokenCost = tokenCost;
    return estimate;
  }
}
