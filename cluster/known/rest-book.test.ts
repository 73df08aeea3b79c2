import { expect, test } from 'vitest';
import type { Rest } from '../../src/contracts/rests.ts';
import { createRestBook } from './rest-book.ts';

const rest = (key: string, forMs: number): Rest => ({
  kind: 'key',
  lane: 'openai',
  key,
  print: `print-${key}`,
  model: 'm',
  forMs,
  stated: true,
  limited: true,
});
const target = (model: string, forMs: number): Rest => ({
  kind: 'target',
  lane: 'openai',
  print: 'p',
  model,
  forMs,
  stated: false,
});

test('a key rests for what is left of its longest rest, then no more', () => {
  let now = 0;
  const book = createRestBook(() => now);
  book.add(rest('a', 1000));
  now = 400;
  book.add(rest('a', 100));
  book.add(rest('b', 5000));
  expect(book.current()).toEqual([rest('a', 600), rest('b', 5000)]);
  now = 1000;
  expect(book.current()).toEqual([rest('b', 4400)]);
  now = 9000;
  expect(book.current()).toEqual([]);
});

test('only what is unknown or lasts notably longer is news', () => {
  let now = 0;
  const book = createRestBook(() => now);
  expect(book.add(target('m', 10_000))).toBe(true);
  expect(book.add(target('m', 10_100))).toBe(false);
  expect(book.add(target('m', 500))).toBe(false);
  expect(book.add(target('other', 10_000))).toBe(true);
  expect(book.add(target('m', 12_000))).toBe(true);
  now = 13_000;
  expect(book.add(target('m', 100))).toBe(true);
  expect(book.add(target('m', 0))).toBe(false);
  expect(book.add(target('m', Number.NaN))).toBe(false);
});

test('a time that was stated stays one when a guess follows it', () => {
  const book = createRestBook(() => 0);
  book.add({ ...target('m', 10_000), stated: true });
  book.add(target('m', 20_000));
  expect(book.current()).toEqual([{ ...target('m', 20_000), stated: true }]);
});

test('the book is bounded: what ends first goes first', () => {
  const book = createRestBook(() => 0);
  for (let n = 0; n < 1001; n++) book.add(rest(`k${n}`, 1000 + n));
  const kept = book.current().map((one) => one.kind === 'key' && one.key);
  expect(kept).toHaveLength(1000);
  expect(kept).not.toContain('k0');
});

test('what somebody ends is forgotten, of one model or of all, circuits left alone', () => {
  const book = createRestBook(() => 0);
  book.add(rest('a', 1000));
  book.add(target('m', 1000));
  book.add(target('n', 1000));
  book.add({ ...target('n', 1000), kind: 'circuit', state: 'open', at: 1 } as Rest);
  expect(book.forget('elsewhere', null)).toBe(0);
  expect(book.forget('openai', 'm')).toBe(2);
  expect(book.forget('openai', null)).toBe(1);
  expect(book.current().map(({ kind }) => kind)).toEqual(['circuit']);
});
