// The prices in force, as the primary has them: of the configuration, else built in.
import { hash } from 'node:crypto';
import type { ProviderConfig } from '../../src/contracts/config.ts';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import type { Price, PriceChange, PriceFields } from '../../src/contracts/price.ts';
import { createPriceBook } from '../../src/gateway/price-book.ts';
import { priceAt } from '../../src/prices/price-at.ts';
import { VERSION } from '../../src/version.ts';

export interface PricesInForce {
  /** Changes with any price, and with what is built in. */
  readonly print: string;
  /** Null: there is none. @param at ms since 1970: a price that holds from a day on holds for calls of then */
  find(provider: string, model: string, at: number): Price | null;
}

/** What of the configuration in force is read here. */
interface InForce {
  readonly prices: Readonly<Record<string, PriceFields>>;
  readonly priceChanges: readonly PriceChange[];
  readonly providers: readonly { readonly name: string; readonly vendor: string }[];
}

/** @throws ApiError where the primary does not answer. */
export async function pricesInForce(ask: (ask: GatehouseAsk) => Promise<unknown>): Promise<PricesInForce> {
  const { prices, priceChanges, providers } = (await ask({ do: 'effective' })) as InForce; // what the primary answers to this
  const book = createPriceBook().under({ prices, priceChanges });
  const vendors = new Map(providers.map(({ name, vendor }) => [name, vendor]));
  return {
    print: hash('sha256', JSON.stringify([VERSION, prices, priceChanges, [...vendors]]), 'base64url').slice(
      0,
      22,
    ),
    find(provider, model, at) {
      // All that is asked of a provider here. One that is gone is asked for by its name.
      const asked = { name: provider, vendor: vendors.get(provider) ?? provider } as ProviderConfig;
      const price = book.find(asked, model);
      return price === null ? null : priceAt(price, at);
    },
  };
}
