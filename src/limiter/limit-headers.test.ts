import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { paceOf } from '../limits/pace.ts';
import { addBudgetHeaders, durationText, limitHeaders, limitLines } from './limit-headers.ts';
import { LocalBucket } from './local-bucket.ts';

const never: LimitAuthority = {
  ask: () => Promise.reject(new Error('nobody asks')),
  giveBack: () => undefined,
  healthy: true,
};
const deaf = { admitted: () => {}, refused: () => {}, unknown: () => {}, refilled: () => {} };

function bucket(
  dimension: 'requests' | 'tokens' | 'cost',
  limit: number,
  resetMs: number,
  remaining = 1,
  endsAtMs = 0,
): LocalBucket {
  const rule: LimitRule = {
    name: 'r',
    dimension,
    per: ['key'],
    match: { key: null, model: null, provider: null },
    limit,
    periodMs: 60_000,
    ...paceOf(limit, 60_000, null),
    endsAtMs,
  };
  const made = new LocalBucket({ id: 'r', rule }, () => 1, never, deaf);
  made.granted({ granted: 1, retryAfterMs: 0, remaining, resetMs, lifeMs: 1_000 }, 0, 't', 0);
  return made;
}

/** Go's time.ParseDuration, as far as OpenAI's headers use it. */
function parse(text: string): number {
  const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  let sum = 0;
  let read = 0;
  for (const [whole, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    sum += Number(count) * units[unit!]!;
    read += whole.length;
  }
  return read === text.length && text !== '' ? sum : Number.NaN;
}

describe('a duration as OpenAI writes it', () => {
  it('has the forms it has there', () => {
    const forms: [ms: number, text: string][] = [
      [0, '0s'],
      [120, '120ms'],
      [0.2, '1ms'],
      [999.5, '1s'],
      [1_000, '1s'],
      [8_640, '8.64s'],
      [59_999, '1m0s'],
      [60_000, '1m0s'],
      [360_000, '6m0s'],
      [3_600_000, '1h0m0s'],
      [86_399_999, '24h0m0s'],
    ];
    for (const [ms, text] of forms) expect(durationText(ms), String(ms)).toBe(text);
  });

  it('is never shorter than the time it stands for, and not much longer', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
        const back = parse(durationText(ms));
        expect(back).toBeGreaterThanOrEqual(ms - 1e-6);
        expect(back).toBeLessThanOrEqual(ms < 1_000 ? ms + 1 : ms < 60_000 ? ms + 10 : ms + 1_000);
      }),
    );
  });
});

describe('limit headers', () => {
  it('of Anthropic name a time in RFC 3339 that is not before the reset', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e8 }), fc.integer({ min: 0, max: 4e12 }), (resetMs, wall) => {
        const headers = Object.fromEntries(
          limitHeaders('anthropic-ratelimit', [bucket('tokens', 1_000, resetMs)], 0, () => wall, false),
        );
        const reset = headers['anthropic-ratelimit-tokens-reset']!;
        expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(Date.parse(reset)).toBeGreaterThanOrEqual(wall + resetMs);
        expect(Date.parse(reset)).toBeLessThan(wall + resetMs + 1_000);
        expect(Object.keys(headers)).toHaveLength(3);
      }),
    );
  });

  it('are the same one by one and as lines, whatever the style and whatever is tightest', () => {
    const one = fc.record({
      dimension: fc.constantFrom('requests' as const, 'tokens' as const, 'cost' as const),
      limit: fc.integer({ min: 1, max: 2 ** 50 }),
      remaining: fc.integer({ min: 0, max: 2 ** 50 }),
      resetMs: fc.double({ min: 0, max: 1e8, noNaN: true }),
      endsAtMs: fc.constantFrom(0, 4e12, 4_000_000_000_500),
    });
    const style = fc.constantFrom('x-ratelimit' as const, 'anthropic-ratelimit' as const, 'none' as const);
    fc.assert(
      fc.property(
        style,
        fc.array(one, { maxLength: 6 }),
        fc.boolean(),
        fc.nat(1e9),
        (of, made, money, back) => {
          const buckets = made.map(({ dimension, limit, resetMs, remaining, endsAtMs }) =>
            bucket(dimension, limit, resetMs, Math.min(limit, remaining), endsAtMs),
          );
          const wall = 3_999_999_999_000;
          const headers = limitHeaders(of, buckets, 1, () => wall, false);
          if (money) addBudgetHeaders(headers, buckets, 1, wall, back);
          const lines = limitLines(of, buckets, 1, () => wall, money ? wall : null, back);
          expect(lines).toBe(headers.map(([name, value]) => `\r\n${name}: ${value}`).join(''));
        },
      ),
    );
  });

  it('of the IETF draft come only behind their switch', () => {
    const of = (ietf: boolean) =>
      Object.fromEntries(limitHeaders('x-ratelimit', [bucket('requests', 600, 1_500)], 0, () => 0, ietf));
    expect(of(false)['ratelimit']).toBeUndefined();
    expect(of(true)).toMatchObject({ ratelimit: '"r";r=1;t=2', 'ratelimit-policy': '"r";q=600;w=60' });
  });
});
