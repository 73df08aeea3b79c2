import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chargeOf } from './charge.ts';
import { createPriceTable, namesOf, type PriceTableText } from './table.ts';
import { used } from './use.fixture.ts';

const builtin = JSON.parse(
  readFileSync(new URL('./builtin.json', import.meta.url), 'utf8'),
) as PriceTableText;
const table = createPriceTable(builtin);
const cost = (provider: string, model: string, parts: Parameters<typeof used>[0]): number | null => {
  const price = table.find(provider, model);
  return price === null ? null : (chargeOf(price, used(parts))?.nanoUsd ?? null);
};

describe('the built-in table', () => {
  it('says where each row is from, and of which day it is', () => {
    expect(table.version).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    const wrong = Object.entries(builtin.providers).flatMap(([provider, models]) =>
      Object.entries(models).flatMap(([model, [source, ...rest]]) => {
        const pairs = rest.every((value, at) =>
          at % 2 === 0 ? builtin.fields[value] !== undefined : Number.isSafeInteger(value),
        );
        return pairs && rest.length % 2 === 0 && builtin.sources[source!] !== undefined
          ? []
          : [`${provider}/${model}`];
      }),
    );
    expect(wrong).toEqual([]);
    expect(builtin.sources).toEqual([
      expect.stringMatching(/^genai-prices \d/),
      expect.stringMatching(/^litellm \d/),
    ]);
  });

  // By the vendors' price lists, in USD: 8 in, 40 out, cache reads at 0.025 x, an hour's write at 2 x.
  it.each([
    ['anthropic', 'claude-fable-5-2', { inputTokens: 1_000_000 }, 8_000_000_000],
    ['anthropic', 'claude-fable-5-2', { inputTokens: 1_000_000, cacheReadTokens: 1_000_000 }, 200_000_000],
    ['anthropic', 'claude-fable-5-2', { outputTokens: 1_000, tier: 'batch' }, 20_000_000],
    [
      'anthropic',
      'claude-fable-5-2',
      { inputTokens: 1_000, cacheWriteTokens: { '5m': 0, '1h': 1_000, '12h': 0 } },
      16_000_000,
    ],
    ['anthropic', 'claude-fable-5-2', { outputTokens: 1_000, tier: 'fast' }, 80_000_000],
    ['openai', 'text-embedding-3-small', { inputTokens: 1_000 }, 20_000],
    [
      'openai',
      'whisper-1',
      { others: [{ unit: 'second', kind: 'input', count: 60, size: null }] },
      6_000_000,
    ],
    [
      'cohere',
      'rerank-v3.5',
      { others: [{ unit: 'query', kind: 'input', count: 1, size: null }] },
      2_000_000,
    ],
  ] as const)('%s/%s %o', (provider, model, parts, expected) => {
    expect(cost(provider, model, parts)).toBe(expected);
  });

  it('keeps factors: inference in the US costs a tenth more', () => {
    const price = table.find('anthropic', 'claude-opus-5-5')!;
    expect(price.factors['us']).toBe(1_100_000);
    expect(price.factors['fast']).toBe(2_000_000);
  });

  it('finds a model by its day, region and version, and says null of what it does not know', () => {
    const known = table.find('anthropic', 'claude-fable-5-2');
    expect(table.find('anthropic', 'claude-fable-5-2-20261109')).toEqual(known);
    expect(table.find('anthropic', 'no-such-model')).toBeNull();
    expect(table.find('nobody', 'gpt-4o')).toBeNull();
    expect(table.find('anthropic', '__proto__')).toBeNull();
    expect(table.find('constructor', 'name')).toBeNull();
  });
});

describe('names of a model', () => {
  it.each([
    ['gpt-4o-2024-08-06', ['gpt-4o-2024-08-06', 'gpt-4o']],
    [
      'us.anthropic.claude-x-20250101-v1:0',
      [
        'us.anthropic.claude-x-20250101-v1:0',
        'anthropic.claude-x-20250101-v1:0',
        'anthropic.claude-x-20250101',
        'anthropic.claude-x',
      ],
    ],
    ['Claude-X@20250101', ['Claude-X@20250101', 'claude-x@20250101', 'claude-x']],
    ['mistral-large-latest', ['mistral-large-latest', 'mistral-large']],
  ])('%s', (model, names) => {
    expect(namesOf(model)).toEqual(names);
  });
});
