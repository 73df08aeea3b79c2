import { describe, expect, test } from 'vitest';
import { DEFAULT_BREAKER } from '../config/schema/defaults.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';

const MOST = 256;

function setUp() {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  const book = new CellBook(clock, DEFAULT_BREAKER, { random: () => 0.5, changed() {} });
  const cell = (model: string) => new ModelCell(model, book);
  return { clock, book, cell };
}

describe('a lane that knows of as many models as it may', () => {
  test('drops none that still cools: the next is asked as if it did not', () => {
    const { clock, book, cell } = setUp();
    for (let n = 0; n < MOST; n++) cell(`m${n}`).cool(1_000 + n, true);
    const one = cell('one');
    expect(one.cool(60_000, true)).toBe(false);
    expect(one.guess(60_000, 60_000)).toBe(0);
    expect(one.leftMs()).toBe(0);
    expect(cell('m0').leftMs()).toBe(1_000);
    expect(book.count()).toBe(MOST);
    // Those it knows go on as ever.
    expect(cell('m0').cool(9_000, true)).toBe(true);
    clock.time += 1_001;
    expect(cell('m1').cool(9_000, true)).toBe(true);
    expect(book.count()).toBe(MOST);
  });

  test('drops what is over, and of what it only remembers that which cooled longest ago', () => {
    const { clock, book, cell } = setUp();
    // Guesses are remembered: 100 ms, then ten times as long.
    for (let n = 0; n < MOST; n++) cell(`m${n}`).guess(100, 1_000);
    const long = cell('m0');
    clock.time += 200;
    long.guess(100, 1_000);
    expect(cell('one').cool(60_000, true)).toBe(true);
    expect(book.size).toBe(MOST);
    expect(book.count()).toBe(2);
    // m1 went, and its row of guesses with it; m0 cooled later and stayed.
    clock.time += 300;
    expect(cell('m1').guess(100, 1_000)).toBe(100);
    expect(long.guess(100, 1_000)).toBe(300);
    clock.time += 5_000;
    expect(cell('two').cool(60_000, true)).toBe(true);
    expect(book.size).toBe(2);
  });

  test('is told of what it dropped by cells made before', () => {
    const { clock, cell } = setUp();
    const kept = cell('m0');
    kept.guess(100, 1_000);
    for (let n = 1; n < MOST; n++) cell(`m${n}`).guess(100, 1_000);
    clock.time += 200;
    cell('one').cool(1_000, true);
    expect(kept.leftMs()).toBe(0);
    expect(kept.guess(100, 1_000)).toBe(100);
    expect(cell('m0').leftMs()).toBe(100);
  });
});

test('cool-downs end when somebody says so, of one model or of all', () => {
  const { book, cell } = setUp();
  for (const model of ['a', 'b', 'c']) cell(model).cool(1_000, true);
  const kept = cell('a');
  book.unrest('a');
  expect([kept.leftMs(), book.count()]).toEqual([0, 2]);
  book.unrest(null);
  expect([cell('b').leftMs(), book.count()]).toEqual([0, 0]);
});
