// Prices that change on a day, or with the hour: what holds at a time.
import type { Price, PriceFrom } from '../contracts/price.ts';

/** The price at a time; null = there is none then. @param at ms since 1970 */
export function priceAt(price: Price, at: number): Price | null {
  const { dated } = price;
  if (dated === undefined) return price;
  let found: Price | null = null;
  for (const one of dated) if (holdsAt(one, at)) found = one.price;
  return found;
}

/** The price of now: what a charge is found by, which must not change under it. */
export function priceNow(price: Price): Price | null {
  return price instanceof DatedPrice ? price.now() : price;
}

const holdsAt = ({ fromMs, holds }: PriceFrom, at: number): boolean =>
  fromMs <= at && (holds === undefined || holds(at));

/**
 * Prices that hold from times on, as one: of those that no time after `sinceMs` can ask for nothing is left.
 * @param all in the order in which they count. @param wall ms since 1970
 */
export function pricesSince(all: readonly PriceFrom[], sinceMs: number, wall: () => number): Price | null {
  const begun = all.findLastIndex(({ fromMs, hours }) => fromMs <= sinceMs && hours === undefined);
  const left = begun < 1 ? all : all.slice(begun);
  const [first] = left;
  if (first === undefined) return null;
  const always = left.length === 1 && first.fromMs <= sinceMs && first.hours === undefined;
  return always ? first.price : new DatedPrice(left, wall);
}

/** Whether anything is known of what it costs: of a price that begins on a day nothing is before. */
export function isPriced(price: Price | null): price is Price {
  return price !== null && (price.dated === undefined || price.components.length > 0);
}

const NOTHING: Price = { components: [], factors: {}, source: '' };

/** A price that is what holds at the time it is looked at. */
export class DatedPrice implements Price {
  readonly dated: readonly PriceFrom[];
  readonly #wall: () => number;

  /** @param dated in the order in which they count. @param wall ms since 1970 */
  constructor(dated: readonly PriceFrom[], wall: () => number) {
    this.dated = dated;
    this.#wall = wall;
  }

  get components(): Price['components'] {
    return (this.now() ?? NOTHING).components;
  }

  get factors(): Price['factors'] {
    return (this.now() ?? NOTHING).factors;
  }

  get regionFactor(): number {
    return this.now()?.regionFactor ?? 1_000_000;
  }

  get source(): string {
    return (this.now() ?? NOTHING).source;
  }

  /** Null = there is none now. */
  now(): Price | null {
    return priceAt(this, this.#wall());
  }
}
