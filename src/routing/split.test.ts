import { describe, expect, test } from 'vitest';
import { hashText } from '../body/fnv.ts';
import type { Plan } from '../contracts/plan.ts';
import { armOf } from './split.ts';

const plan = (name: string, arms?: Plan['arms']): Plan => ({
  name,
  tiers: [],
  targets: [],
  balanced: false,
  ...(arms && { arms }),
});
const b = plan('b');
const c = plan('c');

describe('a split', () => {
  test('gives each arm its percentage of sessions, and the rest to the alias itself', () => {
    const split = plan('fast', [
      { percent: 20, plan: b },
      { percent: 5, plan: c },
    ]);
    const counts = new Map<Plan, number>();
    for (let at = 0; at < 20_000; at++) {
      const arm = armOf(split, hashText(`session-${at}`));
      counts.set(arm, (counts.get(arm) ?? 0) + 1);
    }
    expect(counts.get(b)! / 200).toBeCloseTo(20, -0.3);
    expect(counts.get(c)! / 200).toBeCloseTo(5, -0.3);
    expect(counts.get(split)! / 200).toBeCloseTo(75, -0.3);
  });

  test('is sticky, and independent of that of another alias', () => {
    const one = plan('one', [{ percent: 50, plan: b }]);
    const other = plan('other', [{ percent: 50, plan: b }]);
    let same = 0;
    for (let at = 0; at < 2_000; at++) {
      const hash = hashText(`user-${at}`);
      expect(armOf(one, hash)).toBe(armOf(one, hash));
      if ((armOf(one, hash) === b) === (armOf(other, hash) === b)) same++;
    }
    expect(same / 2_000).toBeCloseTo(0.5, 1);
  });

  test('of nothing is the alias itself, of all of it never', () => {
    expect(armOf(b, 7)).toBe(b);
    const all = plan('all', [{ percent: 100, plan: c }]);
    for (let at = 0; at < 100; at++) expect(armOf(all, hashText(String(at)))).toBe(c);
  });
});
