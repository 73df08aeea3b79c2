// What calls want of their limits, and what they used of them: amounts of everything that rules count, and the one place
// that says which of them a dimension is about.
import type { LimitDimension, LimitRule } from '../contracts/limits.ts';

/**
 * Amounts of what rules count: what a call, or one attempt of it, wants or has used. Kept as fields of the reservation
 * itself. `concurrent` is no amount: a call, or an attempt, is one slot while it lasts.
 */
export interface Need {
  readonly requests: number;
  /** Prompt and answer. */
  readonly tokens: number;
  /** Whole nanodollars. Wanted: the prompt and the expected answer at the price of the target; used: what attempts cost. */
  readonly cost: number;
}

export function amountOf(need: Need, dimension: LimitDimension): number {
  switch (dimension) {
    case 'requests':
      return need.requests;
    case 'tokens':
      return need.tokens;
    case 'cost':
      return need.cost;
    case 'concurrent':
      return 1;
  }
}

/** Units that are reserved for `need` of a rule's bucket: of tokens, one call never reserves more than the limit itself. */
export function unitsOf(need: Need, { dimension, limit }: Pick<LimitRule, 'dimension' | 'limit'>): number {
  const amount = amountOf(need, dimension);
  return dimension === 'tokens' && amount > limit ? limit : amount;
}
