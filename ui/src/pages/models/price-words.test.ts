import { expect, it } from 'vitest';
import type { PriceComponent } from '../../api/prices.ts';
import { summaryOf } from './price-words.ts';

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
const of = (...components: PriceComponent[]) => ({ model: 'a/b', source: 'configuration', components });

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
