import { expect, test } from 'vitest';
import { modelsIn, targetsOf } from './targets.ts';

test('targets as people write them', () => {
  expect(
    targetsOf({
      targets: ['a/x', { target: 'b/y', weight: 3 }, { provider: 'c', model: 'z', for: ['content'] }],
    }),
  ).toEqual([
    { target: 'a/x', weight: null, on: '' },
    { target: 'b/y', weight: 3, on: '' },
    { target: 'c/z', weight: null, on: 'content' },
  ]);
  expect(targetsOf({ target: 'a/x' })).toEqual([{ target: 'a/x', weight: null, on: '' }]);
  expect(targetsOf({})).toEqual([]);
});

test('models of a configuration, listed or mapped', () => {
  expect(modelsIn([{ name: 'a', targets: ['x/y'] }, { no: 1 }, null])).toEqual({
    a: { name: 'a', targets: ['x/y'] },
  });
  expect(modelsIn({ a: { targets: [] } })).toEqual({ a: { targets: [] } });
  expect(modelsIn(undefined)).toEqual({});
});
