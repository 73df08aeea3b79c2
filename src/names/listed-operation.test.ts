import { expect, it } from 'vitest';
import { listedNames, listsOperation } from './listed-operation.ts';

it('a list that names films has every way to ask for them, and one that names a way has that', () => {
  const ways = ['video', 'video-form', 'video-object', 'video-content', 'chat'] as const;
  expect(ways.map((name) => listsOperation(['video'], name))).toEqual([true, true, true, false, false]);
  expect(ways.map((name) => listsOperation(['video-form'], name))).toEqual([
    false,
    true,
    false,
    false,
    false,
  ]);
  expect(ways.map(listedNames)).toEqual([
    ['video'],
    ['video-form', 'video'],
    ['video-object', 'video'],
    ['video-content'],
    ['chat'],
  ]);
});
