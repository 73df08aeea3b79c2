import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ShadowConfig } from '../../contracts/alias-config.ts';
import { ShadowDesk } from './shadow-desk.ts';

const RULE: ShadowConfig = { to: 'a/b', percent: 100, concurrency: 1_000, budgetUsd: 1_000 };

test('copies its part of the calls, of any run of them to one or two', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 1, max: 2_000 }), (percent, calls) => {
      const desk = new ShadowDesk();
      let copies = 0;
      for (let at = 0; at < calls; at++) {
        if (desk.ask({ ...RULE, percent }, 1, 0) !== 'copy') continue;
        desk.over(0);
        copies++;
      }
      // The discrepancy of the sequence is of the order of log n.
      expect(Math.abs(copies - (calls * percent) / 100)).toBeLessThanOrEqual(5);
    }),
  );
});

test('never more at once than its part of the number, of which a worker has one at least', () => {
  const desk = new ShadowDesk();
  const asked = Array.from({ length: 6 }, () => desk.ask({ ...RULE, concurrency: 8 }, 2, 0));
  expect(asked).toEqual(['copy', 'copy', 'copy', 'copy', 'concurrency', 'concurrency']);
  desk.over(null);
  expect(desk.ask({ ...RULE, concurrency: 8 }, 2, 0)).toBe('copy');
  expect(new ShadowDesk().ask({ ...RULE, concurrency: 1 }, 4, 0)).toBe('copy');
});

test('no more than its part of a budget a day, by what copies cost; a model without a price costs nothing', () => {
  const desk = new ShadowDesk();
  const rule = { ...RULE, budgetUsd: 1 };
  const copy = (costNano: number | null, wall = 0): string => {
    const answer = desk.ask(rule, 2, wall);
    if (answer === 'copy') desk.over(costNano);
    return answer;
  };
  expect([copy(null), copy(0.4e9), copy(0.2e9), copy(0)]).toEqual(['copy', 'copy', 'copy', 'budget']);
  expect(copy(0, 86_400_001)).toBe('copy');
});
