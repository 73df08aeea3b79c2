// The prices in force, as the primary has them: of the configuration, else built in.
import { hash } from 'node:crypto';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { Price, PriceChange, PriceFields } from '../../src/contracts/price.ts';
import { createPriceBook, pricedProvider, type ShownProvider } from '../../src/gateway/price-book.ts';
import { priceAt } from '../../src/prices/price-at.ts';
import { VERSION } from '../../src/version.ts';

export interface PricesInForce {
  /** Changes with any price, and with what is built in. */
  readonly print: string;
  /** Null: there is none. @param at ms since 1970: a price that holds from a day on, or at hours, holds for calls of then */
  find(provider: string, model: string, at: number): Price | null;
}

/** What of the configuration in force is read here. */
interface InForce {
  readonly prices: Readonly<Record<string, PriceFields>>;
  readonly priceChanges: readonly PriceChange[];
  readonly providers: readonly ShownProvider[];
}

/** @throws ApiError where the primary does not answer. */
export async function pricesInForce(ask: (ask: GatehouseAsk) => Promise<unknown>): Promise<PricesInForce> {
  const { prices, priceChanges, providers } = (await ask({ do: 'effective' })) as InForce; // what the primary answers to this
  const book = createPriceBook().under({ prices, priceChanges }, Number.NEGATIVE_INFINITY);
  const known = new Map(providers.map((one) => [one.name, one]));
  const places = providers.map(({ name, vendor, region }) => [name, vendor, region]);
  const print = hash('sha256', JSON.stringify([VERSION, prices, priceChanges, places]), 'base64url');
  return {
    print: print.slice(0, 22),
    find(provider, model, at) {
      // One that is gone is asked for by its name.
      const asked = known.get(provider) ?? { name: provider, vendor: provider };
      const price = book.find(pricedProvider(asked), model);
      return price === null ? null : priceAt(price, at);
    },
  };
}
