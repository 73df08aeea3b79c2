import { beforeEach, expect, test } from 'vitest';
import type { Stored, StoredResponse } from '../contracts/responses.ts';
import { Shelf } from './shelf.ts';
import { sizeOf } from './stored.ts';

let now = 1_000;
let shelf: Shelf;
beforeEach(() => {
  now = 1_000;
  shelf = new Shelf(() => now);
  shelf.resize(40_000);
});

const turn = (id: string, change: Partial<StoredResponse> = {}): StoredResponse => ({
  kind: 'response',
  id,
  owner: 'a',
  provider: 'p',
  model: 'm',
  upstream: false,
  chain: [],
  input: '[]',
  answer: '{}',
  expiresMs: 2_000,
  ...change,
});

test('what is put is found by its owner alone', () => {
  const value = turn('resp_1');
  expect(shelf.put(value)).toBe(true);
  expect(shelf.get('a', 'resp_1')).toBe(value);
  expect(shelf.get('b', 'resp_1')).toBeNull();
  expect(shelf.get('a', 'resp_2')).toBeNull();
});

test('it is gone when its time is over, and its room with it', () => {
  shelf.put(turn('resp_1'));
  now = 1_999;
  expect(shelf.get('a', 'resp_1')).not.toBeNull();
  now = 2_000;
  expect(shelf.get('a', 'resp_1')).toBeNull();
  expect([shelf.size, shelf.bytes]).toEqual([0, 0]);
  shelf.put(turn('resp_2', { expiresMs: 2_100 }));
  now = 3_000;
  shelf.sweep();
  expect([shelf.size, shelf.bytes]).toEqual([0, 0]);
});

test('what was not used for longest goes first when it is full', () => {
  const large = 'x'.repeat(9_000);
  for (const id of ['one', 'two', 'three', 'four']) shelf.put(turn(id, { answer: large }));
  expect(shelf.get('a', 'one')).not.toBeNull();
  shelf.put(turn('five', { answer: large }));
  expect(['one', 'two', 'three', 'four', 'five'].filter((id) => shelf.get('a', id) !== null)).toEqual([
    'one',
    'three',
    'four',
    'five',
  ]);
  expect(shelf.bytes).toBeLessThanOrEqual(40_000);
});

test('one may not take all the room; an older one of its name does not stay', () => {
  shelf.put(turn('one'));
  expect(shelf.put(turn('one', { answer: 'x'.repeat(20_000) }))).toBe(false);
  expect([shelf.get('a', 'one'), shelf.bytes]).toEqual([null, 0]);
});

test('less room lets go, no room keeps nothing', () => {
  const values: Stored[] = [
    turn('one'),
    {
      kind: 'conversation',
      id: 'c',
      owner: 'a',
      version: 1,
      createdAt: 1,
      metadata: '{}',
      items: ['{}'],
      expiresMs: 2_000,
    },
  ];
  for (const value of values) shelf.put(value);
  expect(shelf.bytes).toBe(values.reduce((sum, value) => sum + sizeOf(value), 0));
  expect(shelf.drop('a', 'c')).toBe(true);
  expect(shelf.drop('a', 'c')).toBe(false);
  shelf.resize(0);
  expect([shelf.size, shelf.bytes]).toEqual([0, 0]);
  expect(shelf.put(turn('two'))).toBe(false);
});
