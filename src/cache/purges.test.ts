import { expect, it } from 'vitest';
import type { CachedAnswer } from '../contracts/cache.ts';
import { Purges } from './purges.ts';

const entry = (model: string) =>
  ({ id: `of ${model}`, provider: 'p', upstreamModel: 'm', labels: { model } }) as CachedAnswer;

it('reaches what began before it and fits, and nothing else', () => {
  const purges = new Purges();
  expect(purges.reach(entry('a'), 0)).toBe(false);
  purges.add({ model: 'a' }, 10);
  purges.add({ id: 'of c' }, 20);
  expect(purges.reach(entry('a'), 9)).toBe(true);
  expect(purges.reach(entry('a'), 10)).toBe(false);
  expect(purges.reach(entry('b'), 9)).toBe(false);
  expect(purges.reach(entry('c'), 19)).toBe(true);
});

it('of many keeps the last ones, and takes what is older for one of all', () => {
  const purges = new Purges();
  for (let at = 1; at <= 150; at++) purges.add({ model: `m${at}` }, at);
  expect(purges.reach(entry('other'), 49)).toBe(true);
  expect(purges.reach(entry('other'), 50)).toBe(false);
  expect(purges.reach(entry('m100'), 99)).toBe(true);
});
