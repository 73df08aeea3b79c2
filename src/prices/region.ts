// What a model costs at a region: vendors that ask a part more there say so by a factor of the price.
import type { Price } from '../contracts/price.ts';

/** `region_eu` of the region `eu` (and of `eu-west-1`), `region` of each but `global`. */
const ANY = 'region';
const PREFIX = 'region_';
const ONE = 1_000_000;

/** LiteLLM's names of the same, as a factor's; null = it is none of them. */
export function regionFactorName(field: string): string | null {
  if (field === 'regional_endpoint_uplift_multiplier') return ANY;
  const at = /^regional_processing_uplift_multiplier_([a-z][a-z0-9_-]{0,30})$/.exec(field)?.[1];
  return at === undefined ? null : PREFIX + at;
}

/** The price with its region's factor in it; without one of regions the same. @param region null = nobody said */
export function atRegion(price: Price, region: string | null): Price {
  const names = Object.keys(price.factors).filter((name) => name === ANY || name.startsWith(PREFIX));
  if (names.length === 0) return price;
  const { factors } = price;
  const of = (name: string): number | undefined => (Object.hasOwn(factors, name) ? factors[name] : undefined);
  const regionFactor =
    region === null || region === 'global'
      ? ONE
      : (of(PREFIX + region) ?? of(PREFIX + region.split('-', 1)[0]!) ?? of(ANY) ?? ONE);
  return {
    ...price,
    // What is known of a price is known by its components: those of another factor are others.
    components: [...price.components],
    factors: Object.fromEntries(Object.entries(factors).filter(([name]) => !names.includes(name))),
    ...(regionFactor === ONE ? {} : { regionFactor }),
  };
}
