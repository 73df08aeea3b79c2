import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_BREAKER } from '../config/schema/defaults.ts';
import { ModelCell } from './cell.ts';
import { CellBook } from './cell-book.ts';

const DAY = 86_400_000;

function setUp() {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  const book = new CellBook(clock, DEFAULT_BREAKER, { random: () => 0.5, changed() {} });
  const cell = (model = 'm') => new ModelCell(model, book);
  return { clock, book, cell: cell(), another: cell };
}

describe('a cool-down', () => {
  test('lasts exactly as long as stated and ends by itself', () => {
    const { clock, book, cell, another } = setUp();
    expect(book.size).toBe(0);
    expect(cell.cool(7_000, true)).toBe(true);
    expect(cell.leftMs()).toBe(7_000);
    expect(another('other').leftMs()).toBe(0);
    clock.time += 6_999;
    expect(cell.leftMs()).toBe(1);
    clock.time += 1;
    expect(cell.leftMs()).toBe(0);
    expect(book.count()).toBe(0);
    expect(book.size).toBe(0);
  });

  test('never shortens, and says when it became longer', () => {
    const { cell } = setUp();
    cell.cool(7_000, true);
    expect(cell.cool(2_000, true)).toBe(false);
    expect(cell.guess(1_000, DAY)).toBe(0);
    expect(cell.leftMs()).toBe(7_000);
    expect(cell.cool(9_000, true)).toBe(true);
    expect(cell.leftMs()).toBe(9_000);
  });

  test('of no length, or of none that is a number, is none', () => {
    const { book, cell } = setUp();
    for (const forMs of [0, -1, Number.NaN]) expect(cell.cool(forMs, true)).toBe(false);
    expect(cell.guess(0, DAY)).toBe(0);
    expect(cell.guess(1_000, 0)).toBe(0);
    expect(book.size).toBe(0);
  });

  test('lasts a day at most, whatever is stated', () => {
    const { cell } = setUp();
    cell.cool(Number.POSITIVE_INFINITY, true);
    expect(cell.leftMs()).toBe(DAY);
  });
});

describe('a guessed cool-down', () => {
  test('grows by its base each time in a row, up to ten times and to the longest allowed', () => {
    const { clock, cell } = setUp();
    const lengths: number[] = [];
    for (let round = 0; round < 12; round++) {
      lengths.push(cell.guess(1_000, DAY));
      clock.time += lengths.at(-1)!;
    }
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10].map((times) => times * 1_000));
    expect(cell.guess(1_000, 4_000)).toBe(4_000);
  });

  test('begins anew when nothing was refused for a while', () => {
    const { clock, cell } = setUp();
    cell.guess(1_000, DAY);
    clock.time += 1_000 + 9_999;
    expect(cell.guess(1_000, DAY)).toBe(2_000);
    clock.time += 2_000 + 10_000;
    expect(cell.guess(1_000, DAY)).toBe(1_000);
  });

  test('ends with a call that was sent after it began and served', () => {
    const { clock, book, cell } = setUp();
    cell.guess(1_000, DAY);
    cell.served(clock.time - 1);
    expect(cell.leftMs()).toBe(1_000);
    clock.time += 10;
    cell.served(clock.time);
    expect(cell.leftMs()).toBe(0);
    expect(book.size).toBe(0);
    expect(cell.guess(1_000, DAY)).toBe(1_000);
  });

  test('that another worker made counts in the row', () => {
    const { clock, cell } = setUp();
    cell.cool(1_000, false);
    clock.time += 1_000;
    cell.cool(2_000, false);
    clock.time += 2_000;
    expect(cell.guess(1_000, DAY)).toBe(3_000);
  });

  test('stays when the provider stated a time meanwhile', () => {
    const { clock, cell } = setUp();
    cell.guess(1_000, DAY);
    cell.cool(500, true);
    clock.time += 10;
    cell.served(clock.time);
    expect(cell.leftMs()).toBe(990);
  });
});

test('in any order of events it ends no sooner than any stated time and no later than the longest', () => {
  const event = fc.oneof(
    fc.record({ kind: fc.constant('cool' as const), ms: fc.integer({ min: 1, max: 100_000 }) }),
    fc.record({ kind: fc.constant('guess' as const), ms: fc.integer({ min: 1, max: 10_000 }) }),
    fc.record({ kind: fc.constant('served' as const), ms: fc.integer({ min: 0, max: 1_000 }) }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 50_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const { clock, cell } = setUp();
      let stated = 0;
      let longest = 0;
      for (const { kind, ms } of events) {
        if (kind === 'cool') {
          cell.cool(ms, true);
          stated = Math.max(stated, clock.time + ms);
          longest = Math.max(longest, stated);
        } else if (kind === 'guess') longest = Math.max(longest, clock.time + cell.guess(ms, DAY));
        else if (kind === 'served') cell.served(clock.time - ms);
        else clock.time += ms;
        const end = clock.time + cell.leftMs();
        expect(end).toBeGreaterThanOrEqual(Math.max(stated, clock.time));
        expect(end).toBeLessThanOrEqual(Math.max(longest, clock.time));
      }
    }),
  );
});

describe('cells of one model', () => {
  test('tell the same, whenever each was made and whatever happens to other models', () => {
    const event = fc.record({
      kind: fc.constantFrom('stated', 'guess', 'served', 'pass', 'count'),
      model: fc.constantFrom('a', 'b', 'c'),
      kept: fc.boolean(),
      ms: fc.integer({ min: 1, max: 20_000 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { clock, book, another } = setUp();
        const old = { a: another('a'), b: another('b'), c: another('c') };
        for (const { kind, model, kept, ms } of events) {
          const cell = kept ? old[model] : another(model);
          if (kind === 'stated') cell.cool(ms, true);
          else if (kind === 'guess') cell.guess(ms, DAY);
          else if (kind === 'served') cell.served(clock.time);
          else if (kind === 'count') book.count();
          else clock.time += ms;
          const fresh = [another('a'), another('b'), another('c')];
          expect(Object.values(old).map((one) => one.leftMs())).toEqual(fresh.map((one) => one.leftMs()));
          expect(book.count()).toBe(fresh.filter((one) => one.leftMs() > 0).length);
        }
      }),
    );
  });

  test('of another model of the lane do not cool with it', () => {
    const { cell, another } = setUp();
    cell.cool(5_000, true);
    expect(another('m').leftMs()).toBe(5_000);
    expect(another('n').leftMs()).toBe(0);
    another('n').served(2_000);
    expect(cell.leftMs()).toBe(5_000);
  });
});
