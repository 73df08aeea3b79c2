import { describe, expect, it } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { ProviderConfig } from '../contracts/provider-config.ts';
import { hasKeyFor, isOpenEnded, offers } from './offers.ts';

function provider(change: {
  models?: string[];
  declared?: boolean;
  keys?: string[][];
  kind?: 'http' | 'demo';
}): ProviderConfig {
  const { models = ['*'], declared = true, keys = [], kind = 'http' } = change;
  return makeProvider('p', {
    kind,
    models,
    modelsDeclared: declared,
    keys: keys.map((names, at) => ({ value: `sk-${at}`, alias: `k${at}`, weight: 1, models: names })),
  });
}

describe('a provider is open-ended', () => {
  it.each([
    ['with patterns alone', provider({ models: ['gpt-*', 'o3*'] })],
    ['without any name, known or not', provider({ models: [], declared: false })],
    ['with a key for everything', provider({ keys: [['a'], []] })],
    ['with a key for a pattern', provider({ keys: [['a', 'gpt-*']] })],
  ])('%s', (_name, config) => {
    expect(isOpenEnded(config)).toBe(true);
  });

  it.each([
    ['one model is named', provider({ models: ['a', '*'] })],
    ['none is offered', provider({ models: [] })],
    ['its keys are for named models alone', provider({ keys: [['a'], ['b', 'c']] })],
    ['it is the demo', provider({ kind: 'demo' })],
  ])('not when %s', (_name, config) => {
    expect(isOpenEnded(config)).toBe(false);
  });
});

it('offers what its operator wrote, or anything when nobody did', () => {
  expect(offers(provider({ models: ['gpt-*'] }), 'o3')).toBe(false);
  expect(offers(provider({ models: ['gpt-*'] }), 'gpt-4o')).toBe(true);
  expect(offers(provider({ models: ['gpt-*'], declared: false }), 'o3')).toBe(true);
});

it('has a key for a model where one may be used for it, or none is needed', () => {
  expect(hasKeyFor(provider({}), 'a')).toBe(true);
  expect(hasKeyFor(provider({ keys: [['a'], ['b*']] }), 'b1')).toBe(true);
  expect(hasKeyFor(provider({ keys: [['a'], ['b*']] }), 'c')).toBe(false);
  expect(hasKeyFor(provider({ keys: [['a'], []] }), 'c')).toBe(true);
});
