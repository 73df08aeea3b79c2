// What models cost: what the configuration says, then the built-in table, which is read when a price is first asked for:
// most gateways never do.
import { readFileSync } from 'node:fs';
import type { Config } from '../contracts/config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import type { Price, PriceChange, PriceFrom } from '../contracts/price.ts';
import { regionOf } from '../models/region.ts';
import { vendorOf } from '../models/vendor.ts';
import { matchesPattern } from '../names/pattern.ts';
import { chargeOf } from '../prices/charge.ts';
import { priceOf } from '../prices/fields.ts';
import { NO_USE } from '../prices/no-use.ts';
import { HourClock, hoursRank, hoursText } from '../prices/hours.ts';
import { priceNow, pricesSince } from '../prices/price-at.ts';
import { atRegion } from '../prices/region.ts';
import { createPriceTable, type PriceTable, type PriceTableText } from '../prices/table.ts';

/** What is asked of a provider here. */
export type PricedProvider = Pick<ProviderConfig, 'name' | 'vendor' | 'baseUrl' | 'kind' | 'region'>;

/** A provider as the primary shows it: its region is what its address says, or was stated. */
export interface ShownProvider {
  readonly name: string;
  readonly vendor: string;
  readonly region?: string | null;
}

/** The same as it is asked for. */
export function pricedProvider({ name, vendor, region }: ShownProvider): PricedProvider {
  return { name, vendor, baseUrl: '', kind: 'http', ...(region == null ? {} : { region }) };
}

export interface Prices {
  /** Null: not known, which is not 0. */
  find(provider: PricedProvider, model: string): Price | null;
  /** A million tokens in and as many out now, in nanodollars; null = not known. */
  costOf(provider: PricedProvider, model: string): number | null;
}

export interface PriceBook {
  /** @param sinceMs what was before nobody will ask for, ms since 1970; absent = before now, -Infinity = they may */
  under(config: Pick<Config, 'prices' | 'priceChanges'>, sinceMs?: number): Prices;
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
  const clock = new HourClock();
  const timed = (one: PriceFrom): PriceFrom => {
    const { hours } = one;
    return hours === undefined ? one : { ...one, holds: (atMs) => clock.holds(hours, atMs) };
  };
  return {
    under({ prices = {}, priceChanges = [] }, sinceMs = wall()) {
      // The longest name is the most particular: it wins.
      const stated = Object.entries(prices)
        .sort(([one], [other]) => other.length - one.length)
        .map(([name, fields]) => ({ name, price: priceOf(fields, 'configuration') }));
      const changes = inOrder(priceChanges).map((change) => {
        const { model, fromMs, hours, prices: fields } = change;
        const price = priceOf(fields, `configuration ${timesText(change)}`);
        return { name: model, fromMs, price, ...(hours === undefined ? {} : { hours }) };
      });
      const find = (provider: PricedProvider, model: string): Price | null => {
        const region = regionOf(provider);
        const named = fittingNames(provider.name, region, model);
        const fits = ({ name }: { readonly name: string }): boolean => named(name);
        const own = stated.find(fits);
        const table = own === undefined ? builtin().find(vendorOf(provider), model, region) : null;
        const first = own?.price ?? table?.price;
        const all = [
          ...(first === undefined ? [] : [{ fromMs: 0, price: first }]),
          ...(table?.changes ?? []),
          ...changes.filter(fits),
        ].map((one) => timed({ ...one, price: atRegion(one.price, region) }));
        return pricesSince(all, sinceMs, wall);
      };
      return {
        find,
        costOf(provider, model) {
          const price = find(provider, model);
          const now = price === null ? null : priceNow(price);
          if (now === null) return null;
          // Thresholds of long prompts do not matter here: a mean prompt is short.
          const short = { ...now, components: now.components.filter(({ over }) => over === 0) };
          return chargeOf(short, MILLION_EACH)?.nanoUsd ?? null;
        },
      };
    },
  };
}

/** Whether a name of `prices` or `priceChanges` is that of a model at a provider, and at its region. */
export function fittingNames(
  provider: string,
  region: string | null,
  model: string,
): (name: string) => boolean {
  const label = `${provider}/${model}`;
  const atPlace = region === null ? label : `${provider}/${region}/${model}`;
  return (name) => matchesPattern(name, label) || matchesPattern(name, atPlace);
}

/** In the order of time; of one time the most particular counts, and at its hours one that has some: it comes last. */
function inOrder(changes: readonly PriceChange[]): PriceChange[] {
  return changes.toSorted((one, other) =>
    one.fromMs === other.fromMs
      ? one.model.length - other.model.length || hoursRank(one.hours) - hoursRank(other.hours)
      : one.fromMs - other.fromMs,
  );
}

function timesText({ fromMs, hours }: PriceChange): string {
  const from = fromMs > 0 ? `from ${new Date(fromMs).toISOString()}` : '';
  return [from, hours === undefined ? '' : `at ${hoursText(hours)}`].filter(Boolean).join(' ');
}
