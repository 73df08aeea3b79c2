import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCoolDowns } from './cool-downs.ts';

const DAY = 86_400_000;

function setUp() {
  const clock = { time: 1_000, now: () => clock.time, wall: () => clock.time };
  return { clock, cools: createCoolDowns(clock) };
}

describe('a cool-down', () => {
  test('lasts exactly as long as stated and ends by itself', () => {
    const { clock, cools } = setUp();
    expect(cools.size).toBe(0);
    expect(cools.cool('m', 7_000, true)).toBe(true);
    expect(cools.leftMs('m')).toBe(7_000);
    expect(cools.leftMs('other')).toBe(0);
    clock.time += 6_999;
    expect(cools.leftMs('m')).toBe(1);
    clock.time += 1;
    expect(cools.leftMs('m')).toBe(0);
    expect(cools.count()).toBe(0);
    expect(cools.size).toBe(0);
  });

  test('never shortens, and says when it became longer', () => {
    const { cools } = setUp();
    cools.cool('m', 7_000, true);
    expect(cools.cool('m', 2_000, true)).toBe(false);
    expect(cools.guess('m', 1_000, DAY)).toBe(0);
    expect(cools.leftMs('m')).toBe(7_000);
    expect(cools.cool('m', 9_000, true)).toBe(true);
    expect(cools.leftMs('m')).toBe(9_000);
  });

  test('of no length, or of none that is a number, is none', () => {
    const { cools } = setUp();
    for (const forMs of [0, -1, Number.NaN]) expect(cools.cool('m', forMs, true)).toBe(false);
    expect(cools.guess('m', 0, DAY)).toBe(0);
    expect(cools.guess('m', 1_000, 0)).toBe(0);
    expect(cools.size).toBe(0);
  });

  test('lasts a day at most, whatever is stated', () => {
    const { cools } = setUp();
    cools.cool('m', Number.POSITIVE_INFINITY, true);
    expect(cools.leftMs('m')).toBe(DAY);
  });
});

describe('a guessed cool-down', () => {
  test('grows by its base each time in a row, up to ten times and to the longest allowed', () => {
    const { clock, cools } = setUp();
    const lengths: number[] = [];
    for (let round = 0; round < 12; round++) {
      lengths.push(cools.guess('m', 1_000, DAY));
      clock.time += lengths.at(-1)!;
    }
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10].map((times) => times * 1_000));
    expect(cools.guess('m', 1_000, 4_000)).toBe(4_000);
  });

  test('begins anew when nothing was refused for a while', () => {
    const { clock, cools } = setUp();
    cools.guess('m', 1_000, DAY);
    clock.time += 1_000 + 9_999;
    expect(cools.guess('m', 1_000, DAY)).toBe(2_000);
    clock.time += 2_000 + 10_000;
    expect(cools.guess('m', 1_000, DAY)).toBe(1_000);
  });

  test('ends with a call that was sent after it began and served', () => {
    const { clock, cools } = setUp();
    cools.guess('m', 1_000, DAY);
    cools.served('m', clock.time - 1);
    expect(cools.leftMs('m')).toBe(1_000);
    clock.time += 10;
    cools.served('m', clock.time);
    expect(cools.leftMs('m')).toBe(0);
    expect(cools.size).toBe(0);
    expect(cools.guess('m', 1_000, DAY)).toBe(1_000);
  });

  test('that another worker made counts in the row', () => {
    const { clock, cools } = setUp();
    cools.cool('m', 1_000, false);
    clock.time += 1_000;
    cools.cool('m', 2_000, false);
    clock.time += 2_000;
    expect(cools.guess('m', 1_000, DAY)).toBe(3_000);
  });

  test('stays when the provider stated a time meanwhile', () => {
    const { clock, cools } = setUp();
    cools.guess('m', 1_000, DAY);
    cools.cool('m', 500, true);
    clock.time += 10;
    cools.served('m', clock.time);
    expect(cools.leftMs('m')).toBe(990);
  });
});

test('models beyond the bound push out the one that ends first', () => {
  const { cools } = setUp();
  for (let n = 0; n < 300; n++) cools.cool(`m${n}`, 1_000 + n, true);
  expect(cools.size).toBe(256);
  expect(cools.leftMs('m0')).toBe(0);
  expect(cools.leftMs('m299')).toBe(1_299);
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
      const { clock, cools } = setUp();
      let stated = 0;
      let longest = 0;
      for (const { kind, ms } of events) {
        if (kind === 'cool') {
          cools.cool('m', ms, true);
          stated = Math.max(stated, clock.time + ms);
          longest = Math.max(longest, stated);
        } else if (kind === 'guess') longest = Math.max(longest, clock.time + cools.guess('m', ms, DAY));
        else if (kind === 'served') cools.served('m', clock.time - ms);
        else clock.time += ms;
        const end = clock.time + cools.leftMs('m');
        expect(end).toBeGreaterThanOrEqual(Math.max(stated, clock.time));
        expect(end).toBeLessThanOrEqual(Math.max(longest, clock.time));
      }
    }),
  );
});
