import { expect, test } from 'vitest';
import { fakeProvider } from '../../tests/kit/fake-call.ts';
import { dialectByName } from '../registry/dialects.ts';
import { spareCooling } from './spare-cooling.ts';

const openai = dialectByName('openai-chat');

/** Targets by name, with the ms each cools. */
function plan(cooling: Record<string, number>) {
  return Object.entries(cooling).map(([name, ms]) => {
    const { target } = fakeProvider(name, openai);
    target.cell.cool(ms, true);
    return target;
  });
}

function order(cooling: Record<string, number>, from = 0) {
  const targets = plan(cooling);
  const passed: string[] = [];
  const left = spareCooling(targets, from, ({ provider }) => passed.push(provider.name));
  return { same: left === targets, names: left.map(({ provider }) => provider.name).join(''), passed };
}

test('a plan whose next target does not cool is left as it is', () => {
  expect(order({ a: 0, b: 9, c: 0 })).toEqual({ same: true, names: 'abc', passed: [] });
});

test('the last target is tried, cooling or not', () => {
  expect(order({ a: 9 }).same).toBe(true);
  expect(order({ a: 0, b: 9 }, 1).same).toBe(true);
});

test('cooling targets go behind the others, the one that is due first before the rest', () => {
  expect(order({ a: 9, b: 0, c: 5, d: 0 })).toEqual({ same: false, names: 'bdca', passed: ['a'] });
  expect(order({ x: 0, a: 9, b: 5, c: 0 }, 1)).toEqual({ same: false, names: 'xcba', passed: ['a', 'b'] });
});

test('of targets that all cool the one due first is tried, and no other', () => {
  expect(order({ a: 9, b: 5, c: 7 })).toEqual({ same: false, names: 'b', passed: [] });
  expect(order({ x: 0, a: 9, b: 5 }, 1)).toEqual({ same: false, names: 'xb', passed: [] });
});

test('another model of the same provider does not cool with it', () => {
  const { target } = fakeProvider('a', openai);
  target.lane.cell('other').cool(9, true);
  const targets = [target, fakeProvider('b', openai).target];
  expect(spareCooling(targets, 0, () => undefined)).toBe(targets);
});
