// What models cost, component by component: from the configuration, else from the built-in table.
import type { PriceChange, PriceFields } from '../../src/contracts/price.ts';
import { createPriceBook, pricedProvider, type ShownProvider } from '../../src/gateway/price-book.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import type { ConfigDesk } from './config-desk.ts';
import type { ApiContext } from './context.ts';
import { list, object, text } from './fields.ts';
import { pricedName, priceFieldsNode } from '../config/schema.ts';
import { shadowsNode, shadowsOf, whoseWord, wordFields } from './price-precedence.ts';
import { priceFields, shownPrice } from './price-view.ts';
import type { ApiRequest, ApiRoute } from './route.ts';

/** Models of one question. */
const MOST = 200;

/** What of the configuration in force is read here. */
interface InForce {
  readonly prices: Readonly<Record<string, PriceFields>>;
  readonly priceChanges: readonly PriceChange[];
  readonly providers: readonly ShownProvider[];
}

export function priceRoutes(context: ApiContext, desk: Pick<ConfigDesk, 'change' | 'read'>): ApiRoute[] {
  const { ask, now, file } = context;
  const book = createPriceBook();
  const inForce = async (): Promise<InForce> => (await ask({ do: 'effective' })) as InForce; // what the primary answers to this
  const ofApi = (sections: Readonly<Record<string, unknown>>): Record<string, PriceFields> =>
    (sections['prices'] ?? {}) as Record<string, PriceFields>; // as it was checked

  /** One step of what the API manages. @throws ApiError 409 where the file says it */
  async function put(request: ApiRequest, model: string, fields: PriceFields | null): Promise<void> {
    const action = fields === null ? 'price.delete' : 'price.put';
    const said = ofApi((await desk.read()).managed.sections)[model] ?? null;
    const deed = { action, target: `price/${model}`, before: { fields: said }, after: { fields } };
    await desk.change(request, deed, ({ managed }) => {
      const own = ofApi(managed.sections);
      // What the API said before the file did can be taken back, and not be changed: it does not count.
      if (file().prices.includes(model) && (fields !== null || !Object.hasOwn(own, model)))
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
      answer: {
        status: 200,
        schema: object({ model: pricedName, prices: priceFieldsNode, shadowedBy: shadowsNode }),
      },
      async handle(request) {
        const { model, prices } = request.body as { model: string; prices: PriceFields }; // the schema looked
        await put(request, model, prices);
        const { prices: all, priceChanges } = await inForce();
        const shadowedBy = shadowsOf(model, Object.keys(all), priceChanges, file());
        return { status: 200, body: { model, prices, shadowedBy } };
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
          items: list(object({ ...priceFields, ...wordFields }), 'In the order of the question.'),
        }),
      },
      async handle({ query }) {
        const models = (query['models'] ?? '').split(',').filter((name) => name !== '');
        if (models.length === 0 || models.length > MOST)
          throw new ApiError(400, 'nothing_named', `Name 1 to ${MOST} models: ?models=openai/gpt-5,…`, {
            param: 'models',
          });
        const { prices, priceChanges, providers } = await inForce();
        const known = book.under({ prices, priceChanges }, Number.NEGATIVE_INFINITY);
        const { managed } = await desk.read();
        const [names, own] = [Object.keys(prices), Object.keys(ofApi(managed.sections))];
        const items = models.map((name) => {
          const at = name.indexOf('/');
          const provider = name.slice(0, at);
          const asked = pricedProvider(
            providers.find((one) => one.name === provider) ?? { name: provider, vendor: provider },
          );
          const price = at < 1 ? null : known.find(asked, name.slice(at + 1));
          return {
            ...shownPrice(name, price, now()),
            ...whoseWord(name, asked.region ?? null, names, own, file()),
          };
        });
        return { status: 200, body: { items } };
      },
    },
  ];
}
