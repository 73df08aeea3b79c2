import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Price } from '../contracts/price.ts';
import { chargeOf } from './charge.ts';
import { HourClock } from './hours.ts';
import { priceNow, pricesSince } from './price-at.ts';
import { atRegion } from './region.ts';
import { createPriceTable, namesOf, type PriceTableText } from './table.ts';
import { used } from './use.fixture.ts';

const builtin = JSON.parse(
  readFileSync(new URL('./builtin.json', import.meta.url), 'utf8'),
) as PriceTableText;
const table = createPriceTable(builtin);
const priceOn = (provider: string, model: string, at: number, region: string | null = null): Price | null => {
  const found = table.find(provider, model, region);
  if (found === null) return null;
  const clock = new HourClock();
  const changes = found.changes.map((one) => ({
    ...one,
    ...(one.hours === undefined ? {} : { holds: (atMs: number) => clock.holds(one.hours!, atMs) }),
  }));
  const price = pricesSince([{ fromMs: 0, price: found.price }, ...changes], 0, () => at);
  return price === null ? null : atRegion(priceNow(price)!, region);
};
const cost = (
  provider: string,
  model: string,
  parts: Parameters<typeof used>[0],
  at = Date.UTC(2026, 10, 29, 12),
  region: string | null = null,
): number | null => {
  const price = priceOn(provider, model, at, region);
  return price === null ? null : (chargeOf(price, used(parts))?.nanoUsd ?? null);
};

describe('the built-in table', () => {
  it('says where each row is from, and of which day it is', () => {
    expect(table.version).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    const sound = ([source, ...rest]: readonly number[]): boolean =>
      builtin.sources[source!] !== undefined &&
      rest.length % 2 === 0 &&
      rest.every((value, at) =>
        at % 2 === 0 ? builtin.fields[value] !== undefined : Number.isSafeInteger(value),
      );
    const wrong = Object.entries(builtin.providers).flatMap(([provider, models]) =>
      Object.entries(models).flatMap(([model, row]) => (sound(row) ? [] : [`${provider}/${model}`])),
    );
    const wrongTimes = Object.entries(builtin.conditional).flatMap(([provider, models]) =>
      Object.entries(models).flatMap(([model, rows]) =>
        rows.every(([condition, ...row]) => builtin.conditions[condition!] !== undefined && sound(row)) &&
        builtin.providers[provider]?.[model] !== undefined
          ? []
          : [`${provider}/${model}`],
      ),
    );
    expect([...wrong, ...wrongTimes]).toEqual([]);
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

  // DeepSeek's list: 0.15 in, 0.003 cached, 0.6 out; from 01:00 to 04:00 and from 06:00 to 10:00 UTC twice that.
  const call = { inputTokens: 1_000, cacheReadTokens: 400, outputTokens: 100 };
  it.each([
    ['00:59:59.999', 151_200],
    ['01:00:00.000', 302_400],
    ['03:59:59.999', 302_400],
    ['04:00:00.000', 151_200],
    ['05:59:59.999', 151_200],
    ['06:00:00.000', 302_400],
    ['09:59:59.999', 302_400],
    ['10:00:00.000', 151_200],
    ['23:59:59.999', 151_200],
  ])('deepseek-v4-flash at %s', (time, expected) => {
    expect(cost('deepseek', 'deepseek-v4-flash', call, Date.parse(`2026-11-29T${time}Z`))).toBe(expected);
  });

  it('knows the days on which prices change: ahead, and of those that are over', () => {
    const on = (day: string, parts: Parameters<typeof used>[0]): number | null =>
      cost('gemini', 'gemini-4-argon', parts, Date.parse(day));
    expect(on('2026-11-30T23:59:59.999Z', { inputTokens: 1_000, outputTokens: 10 })).toBe(2_100_000);
    expect(on('2026-12-01T00:00:00.000Z', { inputTokens: 1_000, outputTokens: 10 })).toBe(4_200_000);
    const flash = (time: string): number | null =>
      cost('deepseek', 'deepseek-v4-flash', { inputTokens: 1_000 }, Date.parse(time));
    expect(flash('2026-08-16T12:00:00Z')).toBe(140_000);
    expect(flash('2026-08-17T12:00:00Z')).toBe(220_000);
    expect(flash('2026-09-10T12:00:00Z')).toBe(150_000);
  });

  it('costs what it does in its region, by a row or a factor of that', () => {
    const at = Date.UTC(2026, 10, 29, 12);
    const parts = { inputTokens: 1_000_000 };
    expect(cost('openai', 'gpt-5.6', parts, at, 'eu')).toBe(
      (cost('openai', 'gpt-5.6', parts, at)! * 11) / 10,
    );
    expect(cost('openai', 'gpt-5.6', parts, at, 'jp')).toBe(cost('openai', 'gpt-5.6', parts, at));
    const vertex = (region: string | null) => cost('vertex', 'claude-opus-4-7', parts, at, region);
    expect(vertex('us-east5')).toBe((vertex(null)! * 11) / 10);
    expect(vertex('global')).toBe(vertex(null));
    expect(cost('azure', 'gpt-4o-2024-08-06', parts, at)).toBe(2_500_000_000);
    expect(cost('azure', 'gpt-4o-2024-08-06', parts, at, 'eu')).toBe(2_750_000_000);
    // A name that says its own profile is that, wherever it is asked from.
    expect(priceOn('bedrock', 'us.anthropic.claude-opus-4-7', at, 'us-west-2')?.source).toBe(
      priceOn('bedrock', 'us.anthropic.claude-opus-4-7', at)?.source,
    );
  });

  it('keeps factors: inference in the US costs a tenth more', () => {
    const { price } = table.find('anthropic', 'claude-opus-5-5')!;
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
