import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Plan, Target, Tier } from '../contracts/plan.ts';
import { planOf, tiersInOrder, withFallbacks } from './plan-tiers.ts';

const target = (label: string) => ({ label }) as Target;
const tier = (labels: string): Tier => ({ balancer: null, targets: [...labels].map(target) });
/** `ab c`: a tier of two, then one of one. */
const plan = (tiers: string) => planOf(tiers, tiers.split(' ').map(tier));
const spelled = ({ tiers }: Plan) =>
  tiers.map(({ targets }) => targets.map(({ label }) => label).join('')).join(' ');

const tiers = fc
  .array(fc.uniqueArray(fc.constantFrom(...'abcdef'), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((labels) => labels.map((some) => some.join('')).join(' '));

describe('a plan', () => {
  test('of targets in order has a tier for each', () => {
    expect(spelled(planOf('p', tiersInOrder([...'abc'].map(target))))).toBe('a b c');
  });

  test('lists the targets of all its tiers, in order', () => {
    fc.assert(
      fc.property(tiers, (of) => {
        const { targets, tiers: made } = plan(of);
        expect(targets.map(({ label }) => label).join('')).toBe(of.replaceAll(' ', ''));
        expect(targets).toEqual(made.flatMap((one) => one.targets));
      }),
    );
  });
});

describe('a plan with fallbacks', () => {
  test.each([
    ['a', ['b c'], 'a b c'],
    ['a b', ['b c', 'cd'], 'a b c d'],
    ['ab c', ['bd ca', 'e'], 'ab c d e'],
    ['a', ['a', 'a'], 'a'],
  ])('%s and %j is %s: ranks are kept, what is there before is not repeated', (base, others, whole) => {
    const first = plan(base);
    const all = withFallbacks(first, others.map(plan));
    expect(spelled(all)).toBe(whole);
    expect(all.targets.map(({ label }) => label).join('')).toBe(whole.replaceAll(' ', ''));
    expect(all.name).toBe(base);
    expect(spelled(first)).toBe(base);
  });

  test('begins as it would without, names all of theirs, and takes nothing of an earlier plan again', () => {
    fc.assert(
      fc.property(tiers, fc.array(tiers, { maxLength: 3 }), (base, others) => {
        const whole = spelled(withFallbacks(plan(base), others.map(plan)));
        expect(whole.startsWith(base)).toBe(true);
        const added = whole.slice(base.length);
        expect([...base].filter((label) => label !== ' ' && added.includes(label))).toEqual([]);
        expect(new Set(whole.replaceAll(' ', ''))).toEqual(
          new Set([base, ...others].join('').replaceAll(' ', '')),
        );
      }),
    );
  });
});
