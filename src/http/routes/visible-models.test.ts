import { expect, test } from 'vitest';
import { fakeCall, fakeProvider } from '../../../tests/kit/fake-call.ts';
import { makeProvider } from '../../../tests/kit/provider-config.ts';
import type { Call } from '../../contracts/call.ts';
import type { Holder } from '../../contracts/holder.ts';
import type { ListedModel, Snapshot } from '../../contracts/snapshot.ts';
import { createPrincipalMaker } from '../../governance/principal.ts';
import { dialectByName } from '../../registry/dialects.ts';
import { planOf, tiersInOrder } from '../../routing/plan-tiers.ts';
import { createVisibleModels } from './visible-models.ts';

const principalOf = createPrincipalMaker();
const a = fakeProvider('a', dialectByName('openai-chat'));
const models: readonly ListedModel[] = [
  { id: 'fast', ownedBy: 'headgate' },
  { id: 'a/m', ownedBy: 'a' },
  { id: 'a/other/one', ownedBy: 'a' },
  { id: 'b/m', ownedBy: 'b' },
];

function callOf(holder: Partial<Holder>): Call {
  const { call } = fakeCall('openai-chat', {}, []);
  const plan = (name: string) => (name === 'fast' ? planOf('fast', tiersInOrder([a.target])) : null);
  (call as { snapshot: Snapshot }).snapshot = { models: { plan } } as unknown as Snapshot;
  call.principal = principalOf({ name: 'key', ...holder });
  return call;
}

test.each<[string[], string[]]>([
  [['*'], ['fast', 'a/m', 'a/other/one', 'b/m']],
  [['fast'], ['fast']],
  [['a/*'], ['fast', 'a/m', 'a/other/one']],
  [['m'], ['fast', 'a/m', 'b/m']],
  [
    ['*', '!a/m'],
    ['a/other/one', 'b/m'],
  ],
  [['other/one'], ['a/other/one']],
  [[], []],
])('a key for %j sees %j', (grant, seen) => {
  const call = callOf({ grants: [{ models: grant }] });
  const visible = createVisibleModels();
  expect(visible.list(call, models).map(({ id }) => id)).toEqual(seen);
  for (const model of models) expect(visible.may(call, model)).toBe(seen.includes(model.id));
});

test('a list is made once for a key, and anew when there are other models', () => {
  const visible = createVisibleModels();
  const call = callOf({ grants: [{ models: ['a/*'] }] });
  expect(visible.list(call, models)).toBe(visible.list(call, models));
  expect(visible.list(call, models.slice(0, 2))).toHaveLength(2);
  expect(visible.list(callOf({}), models)).toBe(models);
});

test('names of its own are shown to a key, once', () => {
  const call = callOf({ aliases: { mine: ['a/m'], fast: ['b/m'] }, grants: [{ models: ['b/*'] }] });
  const visible = createVisibleModels();
  expect(visible.list(call, models).map(({ id }) => id)).toEqual(['mine', 'fast', 'b/m']);
  expect([visible.own(call, 'mine')?.id, visible.own(call, 'a/m')]).toEqual(['mine', null]);
});

test.each<[string, { models?: string[]; modelsDeclared?: boolean }, string[]]>([
  ['a', { modelsDeclared: false }, ['fast', 'a/m', 'a/other/one']],
  // What it does not offer is who names it, there too.
  ['a', { models: ['m'], modelsDeclared: true }, ['fast', 'a/m', 'a/other/one', 'b/m']],
  ['openai', { modelsDeclared: false }, models.map(({ id }) => id)],
  ['vendor', { modelsDeclared: false }, models.map(({ id }) => id)],
])('below the path of %s (%j) a list holds what is asked by its name there', (prefix, change, seen) => {
  const call = callOf({});
  const config = { providers: ['a', 'openai'].map((name) => makeProvider(name, change)) };
  Object.assign(call, { prefix, snapshot: { ...call.snapshot, config } });
  const visible = createVisibleModels();
  expect(visible.list(call, models).map(({ id }) => id)).toEqual(seen);
});
