import { expect, test } from 'vitest';
import { modelsIn, planOf, targetsOf } from './plan-of.ts';

test('targets as people write them, and as they are in force', () => {
  const written = { targets: ['a/x', { model: 'b/y', weight: 3 }] };
  expect(targetsOf(written)).toEqual([
    { model: 'a/x', weight: null },
    { model: 'b/y', weight: 3 },
  ]);
  expect(targetsOf({ targets: ['a/x', 'b/y'], weights: [1, 3] })).toEqual([
    { model: 'a/x', weight: 1 },
    { model: 'b/y', weight: 3 },
  ]);
  expect(targetsOf({})).toEqual([]);
});

test('a plan says in which order, how often and after what each is asked', () => {
  const plan = planOf({
    targets: ['a/x', 'b/y'],
    fallbacks: [{ on: ['rate_limit', 'timeout'], to: 'big' }],
    split: [{ to: 'c/z', percent: 10 }],
    shadow: { to: 'd/w', percent: 2.5 },
    hedge: { minMs: 500 },
    gate: true,
  });
  expect(plan.strategy).toBe('in order');
  expect(plan.arms).toEqual([
    { mark: '%', to: 'c/z', note: 'instead, for 10 % of the sessions' },
    { mark: '1', to: 'a/x', note: 'first choice' },
    { mark: '2', to: 'b/y', note: 'when those before cannot' },
    { mark: '3', to: 'big', note: 'only after a rate limit, a timeout' },
    { mark: '+', to: 'd/w', note: 'gets a copy of 2.5 % of the calls; nobody hears its answers' },
  ]);
  expect(plan.notes).toHaveLength(2);
});

test('weights are shares of the calls only where they decide', () => {
  const targets = [{ model: 'a/x', weight: 3 }, 'b/y'];
  const notes = (strategy?: string) =>
    planOf({ targets, ...(strategy === undefined ? {} : { strategy }) }).arms.map(({ note }) => note);
  expect(notes('weighted')).toEqual([
    '75 % of the calls, and when the others cannot',
    '25 % of the calls, and when the others cannot',
  ]);
  expect(notes('adaptive')).toEqual(['weight 3', '']);
  expect(notes()).toEqual(['first choice', 'when those before cannot']);
});

test('models of a configuration', () => {
  expect(modelsIn({ a: { targets: ['x/y'] }, b: null })).toEqual({ a: { targets: ['x/y'] } });
  expect(modelsIn(undefined)).toEqual({});
});
