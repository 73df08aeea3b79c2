import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Price } from '../contracts/price.ts';
import { chargeOf, plainCharge } from './charge.ts';
import { priceOf } from './fields.ts';
import { NO_USE } from './no-use.ts';
import { used } from './use.fixture.ts';

// A model with every way of pricing that facts know of, in dollars a million tokens: 5 in, 30 out, 0.5 cached.
const MTOK = 1e-6;
const price = priceOf(
  {
    input_cost_per_token: 5 * MTOK,
    output_cost_per_token: 30 * MTOK,
    cache_read_input_token_cost: 0.5 * MTOK,
    cache_creation_input_token_cost: 6.25 * MTOK,
    cache_creation_input_token_cost_above_1hr: 10 * MTOK,
    cache_creation_input_token_cost_above_12hr: 12.5 * MTOK,
    input_cost_per_token_above_272k_tokens: 10 * MTOK,
    output_cost_per_token_above_272k_tokens: 45 * MTOK,
    cache_read_input_token_cost_above_272k_tokens: 1 * MTOK,
    input_cost_per_token_batches: 2.5 * MTOK,
    output_cost_per_token_batches: 15 * MTOK,
    input_cost_per_token_flex: 2.5 * MTOK,
    output_cost_per_token_flex: 15 * MTOK,
    input_cost_per_token_priority: 10 * MTOK,
    output_cost_per_token_priority: 60 * MTOK,
    cache_read_input_token_cost_priority: 1 * MTOK,
    input_cost_per_audio_token: 40 * MTOK,
    search_context_cost_per_query: { search_context_size_low: 0.01, search_context_size_high: 0.03 },
    factors: { us: 1.1 },
  },
  'test',
);
const nano = (parts: Parameters<typeof used>[0]): number | null =>
  chargeOf(price, used(parts))?.nanoUsd ?? null;

describe('a charge, to the nanodollar', () => {
  it.each([
    // 272,000 x 5 = 1.36 USD; one more token and all of them cost 10.
    ['at the threshold', { inputTokens: 272_000, outputTokens: 1_000 }, 1_360_000_000 + 30_000_000],
    ['one token above it', { inputTokens: 272_001, outputTokens: 1_000 }, 2_720_010_000 + 45_000_000],
    [
      'batch, at the threshold',
      { inputTokens: 272_000, outputTokens: 1_000, tier: 'batch' },
      680_000_000 + 15_000_000,
    ],
    // No price of its own: half of what is above, as the tier halves the rest.
    ['batch, above it', { inputTokens: 272_001, tier: 'batch' }, 1_360_005_000],
    [
      'flex, above it, the answer',
      { inputTokens: 272_001, outputTokens: 1_000, tier: 'flex' },
      1_360_005_000 + 22_500_000,
    ],
    ['priority, at the threshold', { inputTokens: 272_000, tier: 'priority' }, 2_720_000_000],
    ['priority, above it', { inputTokens: 272_001, tier: 'priority' }, 5_440_020_000],
    ['cached', { inputTokens: 10_000, cacheReadTokens: 9_000 }, 1_000 * 5_000 + 9_000 * 500],
    [
      'cached, by batch',
      { inputTokens: 10_000, cacheReadTokens: 9_000, tier: 'batch' },
      1_000 * 2_500 + 9_000 * 250,
    ],
    [
      'cached, by priority',
      { inputTokens: 10_000, cacheReadTokens: 9_000, tier: 'priority' },
      1_000 * 10_000 + 9_000 * 1_000,
    ],
    [
      'written for 5 minutes',
      { inputTokens: 1_000, cacheWriteTokens: { '5m': 1_000, '1h': 0, '12h': 0 } },
      6_250_000,
    ],
    [
      'written for an hour',
      { inputTokens: 1_000, cacheWriteTokens: { '5m': 0, '1h': 1_000, '12h': 0 } },
      10_000_000,
    ],
    [
      'written for twelve',
      { inputTokens: 1_000, cacheWriteTokens: { '5m': 0, '1h': 0, '12h': 1_000 } },
      12_500_000,
    ],
    ['reasoning is part of the answer', { outputTokens: 1_000, reasoningTokens: 400 }, 30_000_000],
    ['audio in', { inputTokens: 1_000, audioInputTokens: 600 }, 400 * 5_000 + 600 * 40_000],
    ['audio out, priced as text', { outputTokens: 100, audioOutputTokens: 60 }, 3_000_000],
    ['kept in a region', { inputTokens: 1_000, factors: ['us'] }, 5_500_000],
    ['a factor that nobody knows', { inputTokens: 1_000, factors: ['mars'] }, 5_000_000],
    ['nothing', {}, 0],
  ] as const)('%s', (_, parts, expected) => {
    expect(nano(parts)).toBe(expected);
  });

  it('counts searches by their size, whatever the tier', () => {
    const searches = (size: string | null, tier: 'batch' | null = null) =>
      nano({ others: [{ unit: 'search', kind: 'input', count: 2, size }], tier });
    expect(searches('low')).toBe(20_000_000);
    expect(searches('high')).toBe(60_000_000);
    expect(searches('high', 'batch')).toBe(60_000_000);
    expect(searches('huge')).toBeNull();
  });

  it('is not known where the price of a part is not', () => {
    const textOnly = priceOf({ output_cost_per_token: 1e-6 }, 'test');
    expect(chargeOf(textOnly, used({ outputTokens: 5 }))?.nanoUsd).toBe(5_000);
    expect(chargeOf(textOnly, used({ inputTokens: 1, outputTokens: 5 }))).toBeNull();
    expect(nano({ others: [{ unit: 'image', kind: 'output', count: 1, size: null }] })).toBeNull();
    // A tier that costs more and has no price; one that costs less is charged as the standard one.
    expect(nano({ inputTokens: 1, tier: 'ultrafast' })).toBeNull();
    const plain = priceOf({ input_cost_per_token: 1e-6 }, 'test');
    expect(chargeOf(plain, used({ inputTokens: 3, tier: 'flex' }))?.nanoUsd).toBe(3_000);
    expect(chargeOf(plain, used({ inputTokens: 3, tier: 'priority' }))).toBeNull();
  });

  it('adds what is charged by the request', () => {
    const byCall = priceOf({ input_cost_per_token: 1e-6, input_cost_per_request: 0.005 }, 'test');
    expect(chargeOf(byCall, used({ inputTokens: 10 }))?.nanoUsd).toBe(10_000 + 5_000_000);
  });

  it('is exact: the sum of its parts, rounded once, for any counts', () => {
    const counts = fc.integer({ min: 0, max: 2_000_000 });
    fc.assert(
      fc.property(counts, counts, counts, (fresh, cached, output) => {
        const charge = chargeOf(
          price,
          used({ inputTokens: fresh + cached, cacheReadTokens: cached, outputTokens: output }),
        )!;
        const pico = charge.parts.reduce(
          (sum, { count, picoUsd }) => sum + BigInt(count) * BigInt(picoUsd),
          0n,
        );
        expect(BigInt(charge.nanoUsd)).toBe((pico + 500n) / 1_000n);
        expect(charge.parts.reduce((sum, { count }) => sum + count, 0)).toBe(fresh + cached + output);
      }),
    );
  });
});

it('is exact to the nanodollar, of a token and of a fortune', () => {
  const component = { unit: 'token', tier: null, over: 0, ttl: null, size: null } as const;
  const count = fc.oneof(fc.nat({ max: 1e9 }), fc.nat({ max: 100 }));
  const pico = fc.oneof(fc.nat({ max: 1e9 }), fc.integer({ min: 0, max: 1e15 }));
  fc.assert(
    fc.property(count, count, pico, pico, fc.boolean(), (input, output, inPico, outPico, us) => {
      const price: Price = {
        components: [
          { ...component, kind: 'input', picoUsd: inPico },
          { ...component, kind: 'output', picoUsd: outPico },
        ],
        factors: { us: 1_100_000 },
        source: '',
      };
      const sum = BigInt(input) * BigInt(inPico) + BigInt(output) * BigInt(outPico);
      const wanted = us ? (sum * 1_100_000n + 500_000n) / 1_000_000n : sum;
      const use = { ...NO_USE, inputTokens: input, outputTokens: output, factors: us ? ['us'] : [] };
      expect(chargeOf(price, use)!.nanoUsd).toBe(Number((wanted + 500n) / 1_000n));
    }),
    { numRuns: 1_000 },
  );
});

it('of tokens alone is the same when it is found in the short way, and known wherever most calls are', () => {
  const each = fc.option(fc.integer({ min: 0, max: 5_000 }).map((micro) => micro * 1e-8));
  const dear = fc.constantFrom(1, 1, 1_000_000);
  const regions = fc.constantFrom(undefined, 1_000_000, 1_100_000);
  const counts = fc.oneof(fc.nat(2_000), fc.nat(1_000_000_000));
  fc.assert(
    fc.property(
      fc.record({ read: each, said: each, above: each, request: each, times: dear, region: regions }),
      counts,
      counts,
      ({ read, said, above, request, times, region }, input, output) => {
        const fields = {
          ...(read !== null && { input_cost_per_token: read * times }),
          ...(said !== null && { output_cost_per_token: said }),
          ...(above !== null && { input_cost_per_token_above_200k_tokens: above }),
          ...(request !== null && { input_cost_per_request: request }),
        };
        const plain = priceOf(fields, 'test');
        const of: Price = region === undefined ? plain : { ...plain, regionFactor: region };
        const whole = chargeOf(of, used({ inputTokens: input, outputTokens: output }));
        const short = plainCharge(of, input, output);
        if (short !== null) expect(short).toBe(whole?.nanoUsd);
        const usual = read !== null && said !== null && request === null && times === 1;
        if (usual && region !== 1_100_000 && input < 1e6 && output < 1e6) expect(short).not.toBeNull();
      },
    ),
    { numRuns: 2_000 },
  );
});
