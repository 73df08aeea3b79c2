import { describe, expect, it } from 'vitest';
import type { LimitRule } from '../contracts/limits.ts';
import { principalOf } from '../governance/principal.ts';
import { bucketId, hashedValue, nameValue } from './bucket-id.ts';
import { leaseSize } from './lease.ts';
import { OutputEstimate } from './output-estimate.ts';
import { paceOf } from './pace.ts';
import { parseRate, rateText } from './rate-text.ts';
import { rulesOfCall, rulesOfTarget } from './rule-match.ts';

function rule(name: string, change: Partial<LimitRule> = {}): LimitRule {
  const any = { key: null, model: null, provider: null };
  const limit = change.limit ?? 600;
  return {
    name,
    dimension: 'requests',
    per: ['key'],
    match: any,
    limit,
    periodMs: 60_000,
    ...paceOf(limit, 60_000, null),
    ...change,
  };
}

const names = (rules: readonly LimitRule[]): string[] => rules.map(({ name }) => name);

describe('which rules a call meets', () => {
  const rules = [
    rule('all', { per: [] }),
    rule('team', { match: { key: 'team-*', model: null, provider: null } }),
    rule('gpt', { match: { key: null, model: 'gpt-4o*', provider: null } }),
    rule('at-openai', { match: { key: null, model: null, provider: 'openai' } }),
    rule('each-provider', { per: ['provider'] }),
  ];

  it('is decided by patterns of key and model; a model pattern without a provider fits it at any', () => {
    expect(names(rulesOfCall(rules, principalOf({ name: 'team-a' }), 'openai/gpt-4o-mini'))).toEqual([
      'all',
      'team',
      'gpt',
    ]);
    expect(names(rulesOfCall(rules, principalOf({ name: 'other' }), 'gpt-4o'))).toEqual(['all', 'gpt']);
    expect(names(rulesOfCall(rules, principalOf({ name: 'other' }), 'fast'))).toEqual(['all']);
  });

  it('is completed by the provider that is asked', () => {
    expect(names(rulesOfTarget(rules, principalOf({ name: 'team-a' }), 'm', 'openai'))).toEqual([
      'at-openai',
      'each-provider',
    ]);
    expect(names(rulesOfTarget(rules, principalOf({ name: 'team-a' }), 'm', 'other'))).toEqual([
      'each-provider',
    ]);
  });
});

describe('bucket ids', () => {
  it('hold plain names as they are, and anything else only as a hash of bounded length', () => {
    expect(bucketId('r', [])).toBe('r');
    expect(bucketId('r', [nameValue('team-a'), nameValue('openai/gpt-4o')])).toBe('r|team-a|openai/gpt-4o');
    for (const odd of ['a|b', '{slot}', 'x'.repeat(10_000), 'ü', 'a b', '~x', ''])
      expect(nameValue(odd)).toMatch(/^~[\w-]{22}$/);
    expect(hashedValue('bob')).not.toContain('bob');
    expect(hashedValue('bob')).not.toBe(hashedValue('Bob'));
  });
});

describe('leases', () => {
  it('of all workers together are at most 1 % of the limit, and none where that is less than one', () => {
    for (const limit of [1, 50, 399, 400, 600, 10_000, 1e9]) {
      for (const workers of [1, 2, 4, 64]) {
        const size = leaseSize(rule('r', { limit }), workers);
        expect(size * workers).toBeLessThanOrEqual(limit * 0.01);
        expect(Number.isInteger(size)).toBe(true);
      }
    }
    expect(leaseSize(rule('r', { limit: 50 }), 4)).toBe(0);
    expect(leaseSize(rule('r', { limit: 600 }), 4)).toBe(1);
  });

  it('leave half of the burst to calls that meet a worker without one', () => {
    for (const burst of [1, 2, 3, 400]) {
      for (const workers of [1, 2, 4, 64])
        expect(leaseSize(rule('r', { limit: 1e6, burst }), workers) * workers).toBeLessThanOrEqual(burst / 2);
    }
    expect(leaseSize(rule('r', { limit: 1e6, burst: 400 }), 2)).toBe(100);
  });
});

describe('rates', () => {
  it('are read in s, min, h and d, and nothing else', () => {
    expect(parseRate('600/min')).toEqual({ count: 600, periodMs: 60_000 });
    expect(parseRate('50/s')).toEqual({ count: 50, periodMs: 1_000 });
    expect(parseRate('5 / h')).toEqual({ count: 5, periodMs: 3_600_000 });
    expect(parseRate('1/d')).toEqual({ count: 1, periodMs: 86_400_000 });
    for (const odd of [
      '0/min',
      '-1/min',
      '1e309/s',
      '10',
      '10/m',
      '1.5/s',
      '/s',
      '10/s/s',
      `${'9'.repeat(13)}/s`,
    ])
      expect(parseRate(odd)).toBeNull();
    expect(rateText(600, 60_000)).toBe('600/min');
    expect(rateText(50, 0)).toBe('50');
  });

  it('without a burst let 2 % come at once, of small limits a few', () => {
    expect(paceOf(600, 60_000, null).burst).toBe(12);
    expect(paceOf(60, 60_000, null).burst).toBe(3);
    expect(paceOf(5, 60_000, null)).toEqual({ burst: 1, spacingMs: 12_000 });
    expect(paceOf(50, 1_000, 20)).toEqual({ burst: 20, spacingMs: 20 });
  });
});

describe('the estimate of an answer', () => {
  it('starts sane and comes to cover nine of ten answers', () => {
    const estimate = new OutputEstimate();
    expect(estimate.tokens).toBe(512);
    let seed = 7;
    const next = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return 100 + (seed % 900);
    };
    let covered = 0;
    for (let answer = 0; answer < 4_000; answer++) {
      const output = next();
      if (answer >= 1_000 && output <= estimate.tokens) covered++;
      estimate.learn(output);
    }
    expect(covered / 3_000).toBeGreaterThan(0.8);
    expect(covered / 3_000).toBeLessThan(0.98);
  });

  it('does not learn from numbers that are none', () => {
    const estimate = new OutputEstimate();
    for (const odd of [Number.NaN, -5, Number.POSITIVE_INFINITY]) estimate.learn(odd);
    expect(estimate.tokens).toBe(512);
  });
});
