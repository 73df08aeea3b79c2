// What models cost, as the API tells it: the configuration's word first, the vendor's whose provider has another name, and none.
import { expect, it } from 'vitest';
import type { ManagedConfig } from '../../src/contracts/managed-config.ts';
import type { ConfigDesk } from './config-desk.ts';
import type { ApiContext } from './context.ts';
import { checkBody } from './checked.ts';
import { priceRoutes } from './prices.ts';
import type { ApiRequest } from './route.ts';

const inForce = {
  prices: { 'mine/*': { input_cost_per_token: 0.000001 } },
  priceChanges: [],
  providers: [{ name: 'second-openai', vendor: 'openai' }],
};
const now = (): number => Date.UTC(2026, 11, 1);
let sections: Record<string, unknown> = {};
/** Of the file. */
let inFile: string[] = ['mine/*'];
/** One that takes each step. */
const desk = {
  async read() {
    return { managed: { sections } };
  },
  async change(
    _request: unknown,
    _deed: unknown,
    next: (state: never) => ManagedConfig | Promise<ManagedConfig>,
  ) {
    ({ sections } = await next({
      managed: { providers: {}, keys: [], models: {}, paused: [], sections },
    } as never));
    return { objects: [], version: 1, workersBehind: 0 };
  },
} as unknown as ConfigDesk; // all that is used of it
const context = {
  now,
  // As the primary lays them over each other.
  ask: async () => ({ ...inForce, prices: { ...(sections['prices'] as object), ...inForce.prices } }),
  file: () => ({ prices: inFile, priceChanges: true }),
} as unknown as ApiContext; // all that it reads
const routes = priceRoutes(context, desk);
const route = routes.find(({ method }) => method === 'GET');
const put = (model: string, prices: object) =>
  routes.find(({ method }) => method === 'PUT')!.handle({ body: { model, prices } } as unknown as ApiRequest);
const remove = (model: string) =>
  routes.find(({ method }) => method === 'DELETE')!.handle({ query: { model } } as unknown as ApiRequest);
const ask = async (models: string) =>
  (await route!.handle({ query: { models } } as unknown as ApiRequest)) as {
    body: { items: { model: string; source: string | null; components: { kind: string; usd: number }[] }[] };
  };

it('the configuration first, then the vendor behind a name, else none', async () => {
  const { items } = (await ask('mine/a,second-openai/gpt-4o-mini,nobody/x,plain')).body;
  expect(items.map(({ model, source }) => [model, source?.split(' ')[0] ?? null])).toEqual([
    ['mine/a', 'configuration'],
    ['second-openai/gpt-4o-mini', 'genai-prices'],
    ['nobody/x', null],
    ['plain', null],
  ]);
  expect(items[0]!.components).toMatchObject([{ kind: 'input', unit: 'token', usd: 0.000001, tier: null }]);
  expect(items[1]!.components.find(({ kind }) => kind === 'input')!.usd).toBe(0.00000015);
});

it('too many or none are refused', async () => {
  await expect(ask('')).rejects.toMatchObject({ status: 400 });
  await expect(ask(Array.from({ length: 201 }, () => 'a/b').join(','))).rejects.toMatchObject({
    status: 400,
  });
});

it('what holds now, and what at other hours and from days on', async () => {
  const [item] = (await ask('deepseek/deepseek-v4-flash')).body.items as unknown as {
    source: string;
    changes: { from: string | null; hours: string | null; components: { kind: string; usd: number }[] }[];
  }[];
  expect(item!.source).toMatch(/^genai-prices \S+ from 2026-09-10$/);
  const last = item!.changes.at(-1)!;
  expect([last.from, last.hours]).toEqual(['2026-09-10T00:00:00.000Z', '01:00-04:00, 06:00-10:00 UTC']);
  expect(last.components.find(({ kind }) => kind === 'input')?.usd).toBe(0.0000003);
});

it('one by one they are said and taken back, but for those of the file', async () => {
  sections = { rescue: { enabled: true } };
  await put('openai/gpt-5', { input_cost_per_token: 1e-6 });
  await put('openai/*', { input_cost_per_token: 2e-6 });
  await put('openai/gpt-5', { input_cost_per_token: 3e-6 });
  const other = { 'openai/*': { input_cost_per_token: 2e-6 } };
  expect(sections).toEqual({
    rescue: { enabled: true },
    prices: { ...other, 'openai/gpt-5': { input_cost_per_token: 3e-6 } },
  });
  await remove('openai/gpt-5');
  expect(sections['prices']).toEqual(other);
  await remove('openai/*');
  expect(sections).toEqual({ rescue: { enabled: true } });
  await expect(put('mine/*', {})).rejects.toMatchObject({ status: 409, code: 'managed_by_file' });
  await expect(remove('openai/*')).rejects.toMatchObject({ status: 404 });
  await expect(remove('')).rejects.toMatchObject({ status: 400 });
});

it('what is no price is refused by the schema that describes it', () => {
  const { body } = routes.find(({ method }) => method === 'PUT')!;
  const sent = { model: 'openai/gpt-5', prices: { input_cost_per_token: 1e-6, factors: { us: 1.1 } } };
  expect(checkBody(body!, sent)).toEqual(sent);
  expect(() => checkBody(body!, { ...sent, model: 'gpt-5' })).toThrow('model');
  expect(() => checkBody(body!, { ...sent, prices: { input_cost_per_token: 'cheap' } })).toThrow('prices');
});

it('one that the file has meanwhile is refused, and can be taken back', async () => {
  sections = {
    prices: { 'mine/*': { input_cost_per_token: 5e-6 }, 'mine/big': { input_cost_per_token: 6e-6 } },
  };
  await expect(put('mine/*', { input_cost_per_token: 7e-6 })).rejects.toMatchObject({
    status: 409,
    code: 'managed_by_file',
  });
  const item = async (model: string) =>
    (await ask(model)).body.items[0] as unknown as Record<string, unknown>;
  expect(await item('mine/small')).toMatchObject({
    ...{ managed: 'file', statedAs: 'mine/*', shadowed: ['mine/*'] },
    components: [{ usd: 0.000001 }],
  });
  expect(await item('mine/big')).toMatchObject({ managed: 'db', statedAs: 'mine/big', shadowed: [] });
  expect(await item('openai/gpt-5')).toMatchObject({ managed: null, statedAs: null, shadowed: [] });
  await remove('mine/*');
  expect(sections['prices']).toEqual({ 'mine/big': { input_cost_per_token: 6e-6 } });
  expect(await item('mine/small')).toMatchObject({ managed: 'file', shadowed: [] });
});

it('what comes before one is told with it', async () => {
  sections = {};
  inFile = ['mine/*', 'other/big*', 'other/region/x'];
  const file = { input_cost_per_token: 1e-6 };
  Object.assign(inForce, {
    prices: { 'mine/*': file, 'other/big*': file, 'else/x': file },
    priceChanges: [
      { model: 'other/*', fromMs: Date.UTC(2027, 0, 1), prices: file },
      { model: 'mine/*', fromMs: 0, hours: { spans: [[0, 60]], timezone: 'UTC' }, prices: file },
    ],
  });
  const stated = async (model: string) =>
    ((await put(model, file)) as { body: { shadowedBy: object[] } }).body.shadowedBy;
  expect(await stated('other/*')).toEqual([
    { section: 'prices', name: 'other/big*', managed: 'file', from: null, hours: null },
    {
      section: 'priceChanges',
      name: 'other/*',
      managed: 'file',
      from: '2027-01-01T00:00:00.000Z',
      hours: null,
    },
  ]);
  expect(await stated('mine/a')).toEqual([
    { section: 'priceChanges', name: 'mine/*', managed: 'file', from: null, hours: '00:00-01:00 UTC' },
  ]);
  expect(await stated('quite/another')).toEqual([]);
});
