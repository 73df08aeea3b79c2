import { expect, test } from 'vitest';
import { Book } from './book.ts';

test('a void round has no value for any metric', () => {
  const book = new Book();
  book.write('a', { values: { p50: 1, p99: 2 }, void: null });
  book.write('a', { values: { p50: 100, p99: 200 }, void: 'generator at 90 %' });
  expect(book.rounds('a', 'p50')).toEqual([1, null]);
  expect(book.measurement('a', 'p99')).toEqual({
    target: 'a',
    metric: 'p99',
    value: 2,
    rounds: [2],
    remark: '1 of 2 rounds void: generator at 90 %',
  });
});

test('a value that is no number does not count, the others of its round do', () => {
  const book = new Book();
  book.write('a', { values: { cost: 5 / 0, lost: 3 }, void: null, remark: '3 lost' });
  expect(book.measurement('a', 'cost')).toMatchObject({ value: null, remark: '3 lost' });
  expect(book.measurement('a', 'lost')).toMatchObject({ value: 3, rounds: [3] });
});

test('rounds of metrics stay in step when a round lacks one', () => {
  const book = new Book();
  book.write('a', { values: { x: 1 }, void: null });
  book.write('a', { values: { x: 2, y: 20 }, void: null });
  book.write('a', { values: { x: 3 }, void: null });
  expect(book.rounds('a', 'y')).toEqual([null, 20, null]);
});

test('the same reason in each round is told once', () => {
  const book = new Book();
  for (let i = 0; i < 3; i++) book.write('a', { values: { x: 1 }, void: 'too many failures' });
  book.remark('a', 'failed in round 4: gone');
  expect(book.remarks('a')).toBe('too many failures; failed in round 4: gone');
});

test('a target that never had a round has no rounds, and its reason', () => {
  const book = new Book();
  book.remark('a', 'failed in the warm-up: refused');
  expect(book.measurement('a', 'x')).toEqual({
    target: 'a',
    metric: 'x',
    value: null,
    rounds: [],
    remark: 'failed in the warm-up: refused',
  });
});
