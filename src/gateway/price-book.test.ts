import { describe, expect, it } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import { hoursOf } from '../prices/hours.ts';
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

  it('is another at hours and from days on, the most particular of those that hold', () => {
    let now = Date.UTC(2026, 11, 1, 12);
    const timed = createPriceBook(() => now).under({
      prices: { 'mine/*': { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 } },
      priceChanges: [
        { model: 'mine/*', fromMs: 0, hours: hoursOf(['22:00-06:00']), prices: usd(0.5) },
        { model: 'mine/big', fromMs: 0, hours: hoursOf(['23:00-01:00']), prices: usd(0.2) },
        { model: 'mine/*', fromMs: Date.UTC(2027, 0, 1), prices: usd(2) },
      ],
    });
    const nano = (model: string, at: string): number | null => {
      now = Date.parse(at);
      return timed.costOf(mine, model);
    };
    expect(nano('big', '2026-12-01T12:00:00Z')).toBe(2_000_000_000);
    expect(nano('big', '2026-12-01T22:00:00Z')).toBe(1_000_000_000);
    expect(nano('big', '2026-12-01T23:00:00Z')).toBe(400_000_000);
    expect(nano('small', '2026-12-01T23:00:00Z')).toBe(1_000_000_000);
    expect(nano('big', '2026-12-02T06:00:00Z')).toBe(2_000_000_000);
    expect(nano('big', '2027-01-01T23:00:00Z')).toBe(4_000_000_000);
    expect(timed.find(mine, 'big')?.dated?.map(({ price }) => price.source)).toEqual([
      'configuration',
      'configuration at 22:00-06:00 UTC',
      'configuration at 23:00-01:00 UTC',
      'configuration from 2027-01-01T00:00:00.000Z',
    ]);
  });

  it('is another on days of the week, before that of hours alone', () => {
    let now = 0;
    const timed = createPriceBook(() => now).under({
      prices: { 'mine/*': usd(1) },
      priceChanges: [
        {
          model: 'mine/*',
          fromMs: 0,
          hours: hoursOf(['22:00-06:00'], 'UTC', ['sat', 'sun']),
          prices: usd(0.2),
        },
        { model: 'mine/*', fromMs: 0, hours: hoursOf(undefined, 'UTC', ['sat', 'sun']), prices: usd(0.4) },
        { model: 'mine/*', fromMs: 0, hours: hoursOf(['12:00-13:00']), prices: usd(0.5) },
      ],
    });
    const usdAt = (at: string): number => {
      now = Date.parse(at);
      return timed.costOf(mine, 'small')! / 2e9;
    };
    // A Friday, a Saturday, and the Monday behind.
    expect(usdAt('2026-11-27T23:00:00Z')).toBe(1);
    expect(usdAt('2026-11-27T12:30:00Z')).toBe(0.5);
    expect(usdAt('2026-11-28T08:00:00Z')).toBe(0.4);
    expect(usdAt('2026-11-28T23:00:00Z')).toBe(0.2);
    expect(usdAt('2026-11-30T05:00:00Z')).toBe(0.2);
    expect(usdAt('2026-11-30T06:00:00Z')).toBe(1);
    expect(timed.find(mine, 'small')?.dated?.at(-1)?.price.source).toBe(
      'configuration at sat, sun 22:00-06:00 UTC',
    );
  });

  it('is that of the region a provider is at', () => {
    const at = (baseUrl: string, region?: string) =>
      makeProvider('vertex', { baseUrl, ...(region === undefined ? {} : { region }) });
    const prices = book.under({ prices: { 'vertex/europe-west4/*': usd(7) } });
    const cost = (provider: ReturnType<typeof at>) => prices.costOf(provider, 'claude-opus-4-7');
    expect(cost(at('https://aiplatform.googleapis.com/v1', 'global'))).toBe(30_000_000_000);
    expect(cost(at('https://us-east5-aiplatform.googleapis.com/v1'))).toBe(33_000_000_000);
    expect(cost(at('https://aiplatform.eu.rep.googleapis.com/v1'))).toBe(33_000_000_000);
    expect(cost(at('https://europe-west4-aiplatform.googleapis.com/v1'))).toBe(14_000_000_000);
    const eu = makeProvider('openai', { baseUrl: 'https://eu.api.openai.com/v1' });
    expect(prices.costOf(eu, 'gpt-5.6')).toBe(26_400_000_000);
    const azure = makeProvider('azure', { baseUrl: 'https://r.openai.azure.com', region: 'eu' });
    expect(prices.costOf(azure, 'gpt-4o')).toBe(13_750_000_000);
  });
});

/** A million tokens, in and out alike. */
function usd(amount: number) {
  return { input_cost_per_token: amount * 1e-6, output_cost_per_token: amount * 1e-6 };
}
