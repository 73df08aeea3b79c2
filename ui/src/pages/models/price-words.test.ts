import { expect, it } from 'vitest';
import type { PriceComponent } from '../../api/prices.ts';
import { originOf, summaryOf, timeOf } from './price-words.ts';

const part = (
  kind: string,
  unit: string,
  usd: number,
  more: Partial<PriceComponent> = {},
): PriceComponent => ({
  kind,
  unit,
  usd,
  tier: null,
  over: 0,
  ttl: null,
  size: null,
  ...more,
});
const of = (...components: PriceComponent[]) => ({ components });

it.each<[string, ReturnType<typeof of>]>([
  [
    '$0.25 in, $2.00 out per 1M tok',
    of(
      part('input', 'token', 5e-7, { tier: 'priority' }),
      part('input', 'token', 2.5e-7),
      part('output', 'token', 2e-6),
    ),
  ],
  ['$0.02 in per 1M tok', of(part('input', 'token', 2e-8))],
  ['$0.04 per image', of(part('output', 'image', 0.04))],
  ['free', of()],
])('%s', (words, price) => {
  expect(summaryOf(price)).toBe(words);
});

it('says whose word it is', () => {
  const price = { ...of(), model: 'openai/gpt-5', shadowed: [], changes: [] };
  const builtin = { ...price, source: 'genai-prices 0.2.3', managed: null, statedAs: null };
  expect(originOf(builtin)).toBe('genai-prices 0.2.3');
  const stated = { ...price, source: 'configuration', statedAs: 'openai/*' };
  expect(originOf({ ...stated, managed: 'file' })).toBe('configuration: openai/* in the configuration file');
  expect(originOf({ ...stated, managed: 'db' })).toBe('configuration: openai/* by the API');
});

it('says when another holds', () => {
  const change = { source: '', components: [] };
  expect(timeOf({ ...change, from: '2027-01-01T00:00:00.000Z', hours: null })).toBe('from 2027-01-01');
  const weekend = 'sat, sun 00:00-24:00 UTC';
  expect(timeOf({ ...change, from: '2027-01-01T00:00:00.000Z', hours: weekend })).toBe(
    `from 2027-01-01, ${weekend}`,
  );
  expect(timeOf({ ...change, from: null, hours: weekend })).toBe(weekend);
});
