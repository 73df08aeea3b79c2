// What models cost, component by component: from the configuration, else from the built-in table.
import { PICO } from '../../src/prices/fields.ts';
import {
  PRICE_TIERS,
  PRICE_UNITS,
  type Price,
  type PriceChange,
  type PriceFields,
} from '../../src/contracts/price.ts';
import { priceAt } from '../../src/prices/price-at.ts';
import { createPriceBook, pricedProvider, type ShownProvider } from '../../src/gateway/price-book.ts';
import { hoursText } from '../../src/prices/hours.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import type { ConfigDesk } from './config-desk.ts';
import type { ApiContext } from './context.ts';
import { choice, list, object, text } from './fields.ts';
import { pricedName, priceFieldsNode } from '../config/schema.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

/** Models of one question. */
const MOST = 200;

/** What of the configuration in force is read here. */
interface InForce {
  readonly prices: Readonly<Record<string, PriceFields>>;
  readonly priceChanges: readonly PriceChange[];
  readonly providers: readonly ShownProvider[];
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

export function priceRoutes(context: ApiContext, desk: Pick<ConfigDesk, 'change'>): ApiRoute[] {
  const { ask, now } = context;
  const book = createPriceBook();

  /** One step of what the API manages. @throws ApiError 409 where the file says it */
  async function put(request: ApiRequest, model: string, fields: PriceFields | null): Promise<void> {
    const { prices } = (await ask({ do: 'effective' })) as InForce; // what the primary answers to this
    const action = fields === null ? 'price.delete' : 'price.put';
    await desk.change(request, { action, target: `price/${model}`, after: { fields } }, ({ managed }) => {
      const own = (managed.sections['prices'] ?? {}) as Record<string, PriceFields>; // as it was checked
      if (!Object.hasOwn(own, model) && Object.hasOwn(prices, model))
        throw new ApiError(
          409,
          'managed_by_file',
          'This price stands in the configuration file: change it there.',
        );
      if (fields === null && !Object.hasOwn(own, model)) throw notFound('price');
      const { [model]: _before, ...others } = own;
      const { prices: _prices, ...sections } = managed.sections;
      const left = fields === null ? others : { ...others, [model]: fields };
      return {
        ...managed,
        sections: Object.keys(left).length === 0 ? sections : { ...sections, prices: left },
      };
    });
  }

  return [
    {
      method: 'PUT',
      path: '/api/prices',
      access: { resource: 'config', verb: 'update' },
      operation: 'put-price',
      summary:
        'States what a model costs, in place of the built-in table: it counts for calls from when this answers. Those of before: `POST /api/ledger/recalculate`.',
      body: object(
        {
          model: pricedName,
          prices: priceFieldsNode,
        },
        ['model', 'prices'],
      ),
      answer: { status: 200, schema: object({ model: pricedName, prices: priceFieldsNode }) },
      async handle(request) {
        const { model, prices } = request.body as { model: string; prices: PriceFields }; // the schema looked
        await put(request, model, prices);
        return { status: 200, body: { model, prices } };
      },
    },
    {
      method: 'DELETE',
      path: '/api/prices',
      access: { resource: 'config', verb: 'update' },
      operation: 'delete-price',
      summary: 'Takes such a statement back.',
      query: { model: pricedName },
      answer: { status: 204, schema: null },
      async handle(request) {
        const model = request.query['model'] ?? '';
        if (model === '')
          throw new ApiError(400, 'nothing_named', 'Name it: ?model=openai/gpt-5', { param: 'model' });
        await put(request, model, null);
        return { status: 204 };
      },
    },
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
                object({
                  from: text('ISO 8601; null = always.'),
                  hours: text('Hours of the day and their time zone: `01:00-04:00 UTC`; null = all day.'),
                  source: text('As above.'),
                  components: list(component, ''),
                }),
                'What it is from a time on or at hours, those to come among them; the last that holds counts.',
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
        const known = book.under({ prices, priceChanges }, Number.NEGATIVE_INFINITY);
        const items = models.map((name) => {
          const at = name.indexOf('/');
          const provider = name.slice(0, at);
          const asked = providers.find((one) => one.name === provider) ?? {
            name: provider,
            vendor: provider,
          };
          const price = at < 1 ? null : known.find(pricedProvider(asked), name.slice(at + 1));
          return shown(name, price, now());
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
    factors: Object.entries(price?.factors ?? {}).map(([name, millionths]) => ({
      name,
      factor: millionths / 1e6,
    })),
    regionFactor: (price?.regionFactor ?? 1e6) / 1e6,
    changes: (stated?.dated ?? [])
      .filter(({ fromMs, hours }) => fromMs > 0 || hours !== undefined)
      .map(({ fromMs, hours, price: later }) => ({
        from: fromMs > 0 ? new Date(fromMs).toISOString() : null,
        hours: hours === undefined ? null : hoursText(hours),
        source: later.source,
        components: componentsShown(later),
      })),
  };
}

function componentsShown(price: Price | null): object[] {
  return (price?.components ?? []).map(({ picoUsd, ...rest }) => ({ ...rest, usd: picoUsd / PICO }));
}
