import { expect, test } from 'vitest';
import { FORM_FIELDS } from './fields.ts';
import { bodyOf, valuesOf } from './values.ts';

const { key, limit } = FORM_FIELDS;

test('a new object says what is stated, and nothing else', () => {
  const values = {
    ...valuesOf(key, {}),
    name: 'app',
    models: 'gpt-*, !gpt-5',
    'limits.requests': '60/min',
    'limits.concurrent': '4',
    service: 'true',
  };
  expect(bodyOf(key, values, null)).toEqual({
    name: 'app',
    models: ['gpt-*', '!gpt-5'],
    limits: [{ requests: '60/min', concurrent: 4 }],
    service: true,
  });
});

test('a change says what differs, and null for what was taken away', () => {
  const before = {
    name: 'app',
    models: ['a'],
    blocked: true,
    limits: [{ requests: '1/s' }],
    metadata: { own: 1 },
  };
  const values = valuesOf(key, before);
  expect(bodyOf(key, values, before)).toEqual({});
  expect(bodyOf(key, { ...values, models: '', blocked: '', 'limits.requests': '' }, before)).toEqual({
    models: null,
    blocked: null,
    limits: null,
  });
});

test('several limits are left as they are', () => {
  const before = { name: 'app', limits: [{ requests: '1/s' }, { tokens: '9/min' }] };
  expect(bodyOf(key, { ...valuesOf(key, before), 'limits.requests': '2/s' }, before)).toEqual({});
});

test('a limit has numbers where it counts', () => {
  const values = {
    ...valuesOf(limit, {}),
    name: 'all',
    per: 'key, model',
    match: '{"model":"x"}',
    concurrent: '3',
  };
  expect(bodyOf(limit, values, null)).toEqual({
    name: 'all',
    per: ['key', 'model'],
    match: { model: 'x' },
    concurrent: 3,
  });
  expect(() => bodyOf(limit, { ...values, match: '{' }, null)).toThrow(SyntaxError);
});
