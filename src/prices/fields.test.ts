import { describe, expect, it } from 'vitest';
import { componentsOf, isPriceField } from './fields.ts';

const one = (name: string, usd = 1e-6) => {
  const [component, ...more] = componentsOf(name, usd);
  expect(more).toEqual([]);
  return component;
};
const plain = {
  unit: 'token',
  kind: 'input',
  picoUsd: 1_000_000,
  tier: null,
  over: 0,
  ttl: null,
  size: null,
};

describe("LiteLLM's field names", () => {
  it.each([
    ['input_cost_per_token', plain],
    ['output_cost_per_token_flex', { ...plain, kind: 'output', tier: 'flex' }],
    ['input_cost_per_token_above_272k_tokens', { ...plain, over: 272_000 }],
    [
      'cache_creation_input_token_cost_above_12hr_above_272k_tokens_ultrafast',
      { ...plain, kind: 'cache_write', ttl: '12h', over: 272_000, tier: 'ultrafast' },
    ],
    ['cache_creation_input_token_cost', { ...plain, kind: 'cache_write', ttl: '5m' }],
    ['cache_creation_input_token_cost_above_1hr', { ...plain, kind: 'cache_write', ttl: '1h' }],
    ['cache_read_input_audio_token_cost', { ...plain, kind: 'cache_read', unit: 'audio_token' }],
    ['output_cost_per_reasoning_token', { ...plain, kind: 'reasoning' }],
    ['output_cost_per_image_1024', { ...plain, kind: 'output', unit: 'image', size: '1024' }],
    ['output_cost_per_image_token_batches', { ...plain, kind: 'output', unit: 'image_token', tier: 'batch' }],
    ['output_cost_per_second_1080p', { ...plain, kind: 'output', unit: 'second', size: '1080p' }],
    ['input_cost_per_query', { ...plain, unit: 'query' }],
  ])('%s', (name, expected) => {
    expect(one(name)).toEqual(expected);
    expect(isPriceField(name)).toBe(true);
  });

  it.each([
    'max_tokens',
    'input_cost_per_tokn',
    'input_cost_per_token_balanced',
    'output_cost_per_token_above_lots',
    'input_dbu_cost_per_token',
  ])('%s is none that is understood: it says nothing', (name) => {
    expect(componentsOf(name, 1e-6)).toEqual([]);
    expect(isPriceField(name)).toBe(false);
  });

  it('sizes of a search are components each', () => {
    expect(
      componentsOf('search_context_cost_per_query', {
        search_context_size_low: 0.01,
        search_context_size_high: 0.03,
      }).map(({ size, picoUsd }) => [size, picoUsd]),
    ).toEqual([
      ['low', 10_000_000_000],
      ['high', 30_000_000_000],
    ]);
    expect(one('search_context_cost_per_query_medium', 0.02)).toMatchObject({ size: 'medium' });
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e9])('a price of %d is no price', (usd) => {
    expect(componentsOf('input_cost_per_token', usd)).toEqual([]);
  });
});
