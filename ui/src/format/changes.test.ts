import { expect, test } from 'vitest';
import { changesOf } from './changes.ts';

test('what differs is told by its path', () => {
  expect(changesOf({ a: 1, b: { c: [1], d: 2 } }, { b: { c: [2], d: 2 }, e: null })).toEqual([
    { path: 'a', from: 1, to: undefined },
    { path: 'b.c', from: [1], to: [2] },
    { path: 'e', from: undefined, to: null },
  ]);
  expect(changesOf({ a: [1] }, { a: [1] })).toEqual([]);
  expect(changesOf('x', 'y')).toEqual([{ path: 'all of it', from: 'x', to: 'y' }]);
});
