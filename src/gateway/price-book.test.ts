import { describe, expect, it } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import { createPriceBook } from './price-book.ts';

const book = createPriceBook();

describe('what a model costs', () => {
  const anthropic = makeProvider('anthropic', { baseUrl: 'https://api.anthropic.com' });
  const mine = makeProvider('mine', { baseUrl: 'http://10.0.0.1/v1' });

  it('is the configuration’s word, the longest name first, else the table’s', () => {
    const prices = book.under({
      prices: {
        'mine/*': { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 },
        'mine/big*': { input_cost_per_token: 5e-6, output_cost_per_token: 5e-6 },
      },
    });
    expect(prices.costOf(mine, 'small')).toBe(3_000_000_000);
    expect(prices.costOf(mine, 'big-1')).toBe(10_000_000_000);
    expect(prices.find(mine, 'small')?.source).toBe('configuration');
    expect(prices.costOf(anthropic, 'claude-fable-5-2')).toBe(48_000_000_000);
    expect(prices.find(anthropic, 'claude-fable-5-2')?.source).toMatch(/^genai-prices/);
  });

  it('is not known of a model that neither knows', () => {
    const prices = book.under({});
    expect(prices.costOf(mine, 'small')).toBeNull();
    expect(prices.costOf(anthropic, 'claude-nobody')).toBeNull();
  });
});
