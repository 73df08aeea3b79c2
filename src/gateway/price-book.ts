// What models cost: what the configuration says, then the built-in table, which is read when a price is first asked for:
// most gateways never do.
import { readFileSync } from 'node:fs';
import type { Config, ProviderConfig } from '../contracts/config.ts';
import type { Price } from '../contracts/price.ts';
import { vendorOf } from '../models/vendor.ts';
import { matchesPattern } from '../names/pattern.ts';
import { chargeOf } from '../prices/charge.ts';
import { priceOf } from '../prices/fields.ts';
import { NO_USE } from '../prices/no-use.ts';
import { DatedPrice } from '../prices/price-at.ts';
import { createPriceTable, type PriceTable, type PriceTableText } from '../prices/table.ts';

export interface Prices {
  /** Null: not known, which is not 0. */
  find(provider: ProviderConfig, model: string): Price | null;
  /** A million tokens in and as many out, in nanodollars; null = not known. */
  costOf(provider: ProviderConfig, model: string): number | null;
}

export interface PriceBook {
  under(config: Pick<Config, 'prices' | 'priceChanges'>): Prices;
}

const MILLION_EACH = { ...NO_USE, inputTokens: 1_000_000, outputTokens: 1_000_000 };

/** @param wall ms since 1970 */
export function createPriceBook(wall: () => number = Date.now): PriceBook {
  let table: PriceTable | null = null;
  const builtin = (): PriceTable => {
    const file = new URL('../prices/builtin.json', import.meta.url);
    // Written by scripts/prices, and looked at in prices/table.test.ts.
    table ??= createPriceTable(JSON.parse(readFileSync(file, 'utf8')) as PriceTableText);
    return table;
  };
  return {
    under({ prices = {}, priceChanges = [] }) {
      // The longest name is the most particular: it wins.
      const stated = Object.entries(prices)
        .sort(([one], [other]) => other.length - one.length)
        .map(([name, fields]) => ({ name, price: priceOf(fields, 'configuration') }));
      // In the order of time; of one time the most particular comes last, which counts.
      const changes = priceChanges
        .toSorted((one, other) => one.fromMs - other.fromMs || one.model.length - other.model.length)
        .map(({ model, fromMs, prices: fields }) => ({
          name: model,
          fromMs,
          price: priceOf(fields, `configuration from ${new Date(fromMs).toISOString()}`),
        }));
      const find = (provider: ProviderConfig, model: string): Price | null => {
        const label = `${provider.name}/${model}`;
        const own = stated.find(({ name }) => matchesPattern(name, label));
        const price = own?.price ?? builtin().find(vendorOf(provider), model);
        const later = changes.filter(({ name }) => matchesPattern(name, label));
        if (later.length === 0) return price;
        const first = price === null ? [] : [{ fromMs: Number.NEGATIVE_INFINITY, price }];
        return new DatedPrice([...first, ...later], wall);
      };
      return {
        find,
        costOf(provider, model) {
          const price = find(provider, model);
          // Thresholds of long prompts do not matter here: a mean prompt is short.
          const short =
            price === null
              ? null
              : {
                  components: price.components.filter(({ over }) => over === 0),
                  factors: price.factors,
                  source: price.source,
                };
          return short === null ? null : (chargeOf(short, MILLION_EACH)?.nanoUsd ?? null);
        },
      };
    },
  };
}
