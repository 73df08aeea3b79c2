// What models cost, component by component: from the configuration, else from the built-in table.
import type { ProviderConfig } from '../../src/contracts/config.ts';
import { PICO } from '../../src/prices/fields.ts';
import {
  PRICE_TIERS,
  PRICE_UNITS,
  type Price,
  type PriceChange,
  type PriceFields,
} from '../../src/contracts/price.ts';
import { priceAt } from '../../src/prices/price-at.ts';
import { createPriceBook } from '../../src/gateway/price-book.ts';
import { ApiError } from '../errors/api-error.ts';
import type { ApiContext } from './context.ts';
import { choice, list, object, text } from './fields.ts';
import type { ApiRoute } from './route.ts';

/** Models of one question. */
const MOST = 200;

/** What of the configuration in force is read here. */
interface InForce {
  readonly prices: Readonly<Record<string, PriceFields>>;
  readonly priceChanges: readonly PriceChange[];
  readonly providers: readonly { readonly name: string; readonly vendor: string }[];
}

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

export function priceRoutes({ ask, now }: ApiContext): ApiRoute[] {
  const book = createPriceBook();
  return [
    {
      method: 'GET',
      path: '/api/prices',
      access: { resource: 'config', verb: 'read' },
      operation: 'get-prices',
      summary: `What models cost. A model without a price is not free: what it costs is not known.`,
      query: { models: text(`\`provider/model\` names, with commas between, ${MOST} at most.`) },
      answer: {
        status: 200,
        schema: object({
          items: list(
            object({
              model: text('As it was asked for.'),
              source: text('`configuration`, or a public source and its version; null = there is no price.'),
              components: list(component, 'One for each way its vendor counts.'),
              changes: list(
                object({ from: text('ISO 8601.'), components: list(component, '') }),
                'What it is from a time on (`priceChanges`), those to come among them.',
              ),
            }),
            'In the order of the question.',
          ),
        }),
      },
      async handle({ query }) {
        const models = (query['models'] ?? '').split(',').filter((name) => name !== '');
        if (models.length === 0 || models.length > MOST)
          throw new ApiError(400, 'nothing_named', `Name 1 to ${MOST} models: ?models=openai/gpt-5,…`, {
            param: 'models',
          });
        const { prices, priceChanges, providers } = (await ask({ do: 'effective' })) as InForce; // what the primary answers to this
        const known = book.under({ prices, priceChanges });
        const items = models.map((name) => {
          const at = name.indexOf('/');
          const provider = name.slice(0, at);
          const vendor = providers.find((one) => one.name === provider)?.vendor ?? provider;
          // All that is asked of a provider here; the address is in `vendor` already.
          const asked = { name: provider, vendor } as ProviderConfig;
          return shown(name, at < 1 ? null : known.find(asked, name.slice(at + 1)), now());
        });
        return { status: 200, body: { items } };
      },
    },
  ];
}

function shown(model: string, stated: Price | null, now: number): object {
  const price = stated === null ? null : priceAt(stated, now);
  return {
    model,
    source: price?.source ?? null,
    components: componentsShown(price),
    changes: (stated?.dated ?? [])
      .filter(({ fromMs }) => Number.isFinite(fromMs))
      .map(({ fromMs, price: later }) => ({
        from: new Date(fromMs).toISOString(),
        components: componentsShown(later),
      })),
  };
}

function componentsShown(price: Price | null): object[] {
  return (price?.components ?? []).map(({ picoUsd, ...rest }) => ({ ...rest, usd: picoUsd / PICO }));
}
