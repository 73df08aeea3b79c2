// Prices that change on a day: what holds at a time.
import type { Price } from '../contracts/price.ts';

/** The price at a time; null = there is none then. @param at ms since 1970 */
export function priceAt(price: Price, at: number): Price | null {
  const { dated } = price;
  if (dated === undefined) return price;
  let found: Price | null = null;
  for (const one of dated) if (one.fromMs <= at) found = one.price;
  return found;
}

/** Whether anything is known of what it costs: of a price that begins on a day nothing is before. */
export function isPriced(price: Price | null): price is Price {
  return price !== null && (price.dated === undefined || price.components.length > 0);
}

const NOTHING: Pick<Price, 'components' | 'factors' | 'source'> = { components: [], factors: {}, source: '' };

/** A price that is what holds at the time it is looked at. */
export class DatedPrice implements Price {
  readonly dated: NonNullable<Price['dated']>;
  readonly #wall: () => number;

  /** @param dated in the order of time. @param wall ms since 1970 */
  constructor(dated: NonNullable<Price['dated']>, wall: () => number) {
    this.dated = dated;
    this.#wall = wall;
  }

  get components(): Price['components'] {
    return this.#now().components;
  }

  get factors(): Price['factors'] {
    return this.#now().factors;
  }

  get source(): string {
    return this.#now().source;
  }

  #now(): Pick<Price, 'components' | 'factors' | 'source'> {
    return priceAt(this, this.#wall()) ?? NOTHING;
  }
}
