import { describe, expect, it } from 'vitest';
import type { LimitRule } from '../../src/contracts/limits.ts';
import { paceOf } from '../../src/limits/pace.ts';
import { describeLimits, UnknownName } from './check-limits.ts';
import { makeConfig } from '../fakes.fixture.ts';

const any = { key: null, model: null, provider: null };
const rule = (name: string, change: Partial<LimitRule>): LimitRule => ({
  name,
  dimension: 'requests',
  per: ['key'],
  match: any,
  limit: 600,
  periodMs: 60_000,
  ...paceOf(600, 60_000, null),
  ...change,
});

const config = makeConfig((made) => {
  made.providers[0]!.models = ['gpt-4o'];
  made.limits = [
    rule('each', {}),
    rule('other', { match: { ...any, key: 'somebody' } }),
    rule('at', { per: ['provider'] }),
    rule('slots', { dimension: 'concurrent', per: [], limit: 50, periodMs: 0, burst: 0, spacingMs: 0 }),
  ];
});

const keys = [{ name: 'team', value: 'hg-key-1234567890' }];

describe('what a call would meet', () => {
  it('is listed by key and model, with what its provider adds', () => {
    expect(describeLimits(config, keys, 'team', 'openai/gpt-4o')).toEqual([
      'a call of team to openai/gpt-4o meets',
      '  each  600/min requests, 12 at once, per key; workers take 3 ahead',
      '  slots  50 calls at the same time, for the whole gateway; every call asks',
      '  and at openai',
      '    at  600/min requests, 12 at once, per provider; workers take 3 ahead',
    ]);
  });

  it('is nothing without limits', () => {
    expect(describeLimits(makeConfig(), keys, 'team', null)).toEqual(['a call of team meets no limit']);
  });

  it('needs a key and a model that are there', () => {
    expect(() => describeLimits(config, keys, 'nobody', null)).toThrow(UnknownName);
    expect(() => describeLimits(config, keys, null, 'openai/other')).toThrow('no configured provider offers');
  });
});
