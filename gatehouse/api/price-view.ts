// A price as the API shows it.
import {
  PRICE_TIERS,
  PRICE_UNITS,
  type Price,
  type PriceComponent,
  type PriceFrom,
} from '../../src/contracts/price.ts';
import { PICO } from '../../src/prices/fields.ts';
import { hoursText } from '../../src/prices/hours.ts';
import { priceAt } from '../../src/prices/price-at.ts';
import { choice, list, object, text } from './fields.ts';

const usd = (description: string) => ({ type: 'number' as const, description });
const component = object({
  kind: choice(['input', 'output', 'reasoning', 'cache_read', 'cache_write'], 'Of what.'),
  unit: choice([...PRICE_UNITS], 'What is counted.'),
  usd: usd('USD a unit.'),
  tier: choice([...PRICE_TIERS], 'How the call is served; null = the standard way.'),
  over: usd('Holds for prompts of more tokens than this.'),
  ttl: text('How long a cache is kept that is written to; null elsewhere.'),
  size: text('Size or quality that is priced apart; null = any.'),
});

/** When a statement holds, as its schema says it. */
export const timeFields = {
  from: text('ISO 8601; null = always.'),
  hours: text(
    'Days of the week and hours of the day with their time zone: `01:00-04:00 UTC`, `sat, sun 00:00-24:00 Europe/Berlin`; null = at all times.',
  ),
};

export const priceFields = {
  model: text('As it was asked for.'),
  source: text('`configuration`, or a public source and its version; null = there is no price.'),
  components: list(component, 'One for each way its vendor counts, as they hold now.'),
  factors: list(
    object({ name: text('`us`, `fast`, …'), factor: { type: 'number' as const } }),
    'What all is multiplied with where an answer says so: a region of inference, a speed.',
  ),
  regionFactor: {
    type: 'number' as const,
    description: 'What the provider’s own region multiplies all with.',
  },
  changes: list(
    object({ ...timeFields, source: text('As above.'), components: list(component, '') }),
    'What it is from a time on or at hours, those to come among them; the last that holds counts.',
  ),
};

/** @param now ms since 1970 */
export function shownPrice(model: string, stated: Price | null, now: number): object {
  const price = stated === null ? null : priceAt(stated, now);
  return {
    model,
    source: price?.source ?? null,
    components: componentsShown(price?.components ?? []),
    factors: Object.entries(price?.factors ?? {}).map(([name, millionths]) => ({
      name,
      factor: millionths / 1e6,
    })),
    regionFactor: (price?.regionFactor ?? 1e6) / 1e6,
    changes: (stated?.dated ?? [])
      .filter(({ fromMs, hours }) => fromMs > 0 || hours !== undefined)
      .map((one) => ({
        ...shownTime(one),
        source: one.price.source,
        components: componentsShown(one.price.components),
      })),
  };
}

export function shownTime({ fromMs, hours }: Pick<PriceFrom, 'fromMs' | 'hours'>): {
  from: string | null;
  hours: string | null;
} {
  return {
    from: fromMs > 0 ? new Date(fromMs).toISOString() : null,
    hours: hours === undefined ? null : hoursText(hours),
  };
}

function componentsShown(components: readonly PriceComponent[]): object[] {
  return components.map(({ picoUsd, ...rest }) => ({ ...rest, usd: picoUsd / PICO }));
}
