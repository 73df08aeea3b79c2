import { expect, it } from 'vitest';
import type { ObjectKind, StoredData, StoredObject } from '../../src/contracts/store.ts';
import { ownRules } from '../../src/limits/own-rules.ts';
import { limitsOf, ownHolderOf } from './limits.ts';

const object = (kind: ObjectKind, data: StoredData): StoredObject => ({
  kind,
  id: 'id_1',
  name: 'red',
  version: 1,
  revision: 1,
  lookup: null,
  createdAt: 0,
  updatedAt: 0,
  data,
});

it('limits of a team are one bucket for all its keys, those that stand alone are as they say', () => {
  expect(limitsOf(object('team', { limits: [{ requests: '5/min', burst: 2 }, { concurrent: 3 }] }))).toEqual([
    { name: 'id_1', per: 'team', match: { team: 'red' }, requests: '5/min', burst: 2 },
    { name: 'id_1-2', per: 'team', match: { team: 'red' }, concurrent: 3 },
  ]);
  expect(
    limitsOf(object('limit', { per: ['key', 'model'], match: { model: 'gpt-*' }, tokens: '9/h' })),
  ).toEqual([{ name: 'id_1', per: ['key', 'model'], match: { model: 'gpt-*' }, tokens: '9/h' }]);
  expect(limitsOf(object('limit', { requests: '1/s' }))).toEqual([
    { name: 'id_1', per: ['gateway'], match: {}, requests: '1/s' },
  ]);
  expect(limitsOf(object('admin', { limits: [{ requests: '1/s' }] }))).toEqual([]);
  expect(limitsOf(object('key', {}))).toEqual([]);
});

it('budgets of an object have a name by their window, so that neither order nor amount changes what is spent', () => {
  const budgets = [{ amountUsd: 5, window: '1d' }, { amountUsd: 50 }, { amountUsd: 9, window: '1d' }];
  const made = limitsOf(object('team', { budgets, limits: [{ requests: '1/s' }] }));
  const id = made[0]!.name;
  expect(made.map(({ name, budget }) => [name, budget?.['amountUsd']])).toEqual([
    [id, undefined],
    [`${id}-1d`, 5],
    [`${id}-1M`, 50],
    [`${id}-1d-2`, 9],
  ]);
});

it('those of a key come with it, under the same names, and are no entries of the configuration', () => {
  const data = { budgets: [{ amountUsd: 5, window: '1d' }, { amountUsd: 1 }], limits: [{ requests: '1/s' }] };
  const key = object('key', { ...data, creditNano: 7 });
  expect(limitsOf(key)).toEqual([]);
  expect(ownHolderOf(key)).toEqual({ name: 'red', id: 'id_1', own: { version: 1, ...data, creditNano: 7 } });
  const named = (one: StoredObject): string[] => limitsOf(one).map(({ name }) => name);
  expect(ownRules(ownHolderOf(key)!).map(({ name }) => name.replace(/\.\w+$/, ''))).toEqual(
    named(object('team', { ...data, creditNano: 7 })),
  );
  expect(ownHolderOf(object('key', { limits: [], budgets: [] }))).toBeNull();
  expect(ownHolderOf(object('team', data))).toBeNull();
});
