// What models cost, as the API tells it: the configuration's word first, the vendor's whose provider has another name, and none.
import { expect, it } from 'vitest';
import type { ApiContext } from './context.ts';
import { priceRoutes } from './prices.ts';
import type { ApiRequest } from './route.ts';

const inForce = {
  prices: { 'mine/*': { input_cost_per_token: 0.000001 } },
  priceChanges: [],
  providers: [{ name: 'second-openai', vendor: 'openai' }],
};
const now = (): number => Date.UTC(2026, 11, 1);
const [route] = priceRoutes({ ask: async () => inForce, now } as unknown as ApiContext); // all that it reads
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
