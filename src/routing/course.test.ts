import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BalanceAsk } from '../contracts/balance.ts';
import type { Plan, Target } from '../contracts/plan.ts';
import { Course } from './course.ts';
import { planOf, tiersInOrder } from './plan-tiers.ts';

/** Nothing is balanced here: asking would be a fault. */
const noAsk: BalanceAsk = {
  nowMs: () => expect.unreachable(),
  random: () => expect.unreachable(),
  affinity: () => expect.unreachable(),
};

/** Targets `a`, `b`, ... with the ms each cools, which a test may change on the way. */
class World {
  readonly cools: number[];
  readonly plan: Plan;
  readonly passed: string[] = [];

  constructor(cools: readonly number[]) {
    this.cools = [...cools];
    const target = (at: number) =>
      ({ label: name(at), cell: { leftMs: () => this.cools[at]! } }) as unknown as Target;
    this.plan = planOf('p', tiersInOrder(cools.map((_, at) => target(at))));
  }

  course() {
    const course = new Course(this.plan, noAsk);
    const next = () => course.next(({ label }) => this.passed.push(label)).label;
    return { course, next };
  }

  isWarm(label: string): boolean {
    return this.cools[label.charCodeAt(0) - 97] === 0;
  }
}

const name = (at: number) => String.fromCharCode(97 + at);

/** Goes to the end, with what cools as it is at the start. */
function whole(...cools: number[]) {
  const world = new World(cools);
  const { course, next } = world.course();
  let order = '';
  let reorderedAt: number | null = null;
  while (course.left > 0) {
    order += next();
    if (course.reordered) reorderedAt ??= order.length;
  }
  return { order, passed: world.passed.join(''), reorderedAt };
}

describe('the course of a call', () => {
  test.each<[string, number[], ReturnType<typeof whole>]>([
    ['is the plan while nothing cools', [0, 0, 0], { order: 'abc', passed: '', reorderedAt: null }],
    ['goes to the only target, cooling or not', [9], { order: 'a', passed: '', reorderedAt: null }],
    ['goes to the last target, cooling or not', [0, 9], { order: 'ab', passed: '', reorderedAt: null }],
    ['passes by what cools', [9, 0], { order: 'ba', passed: 'a', reorderedAt: 1 }],
    ['passes by what cools on the way', [0, 9, 0], { order: 'acb', passed: 'b', reorderedAt: 2 }],
    ['ends at the cooling one due first', [9, 0, 5, 0], { order: 'bdc', passed: 'a', reorderedAt: 1 }],
    ['counts all that stood before the warm one', [9, 5, 0], { order: 'cb', passed: 'ab', reorderedAt: 1 }],
    ['asks one of those that all cool', [9, 5, 7], { order: 'b', passed: '', reorderedAt: 1 }],
    ['of several due at once takes the first', [5, 5], { order: 'a', passed: '', reorderedAt: 1 }],
    ['asks one of those left that all cool', [0, 9, 5], { order: 'ac', passed: '', reorderedAt: 2 }],
  ])('%s', (_says, cools, told) => {
    expect(whole(...cools)).toEqual(told);
  });

  test('spares nothing where refusals do not matter', () => {
    const { course } = new World([9, 5, 7]).course();
    const order: string[] = [];
    while (course.left > 0) order.push(course.next(null).label);
    expect(order.join('')).toBe('abc');
    expect(course.reordered).toBe(false);
  });

  const ms = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 5 }));

  test('takes the warm ones in the order of the plan, then the cooling one that is due first', () => {
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 8 }), (cools) => {
        const labels = cools.map((left, at) => ({ label: name(at), left }));
        const warm = labels.filter(({ left }) => left === 0);
        const due = labels.filter(({ left }) => left > 0).sort((a, b) => a.left - b.left);
        const expected = [...warm, ...due.slice(0, 1)].map(({ label }) => label).join('');
        expect(whole(...cools).order).toBe(expected);
      }),
    );
  });

  test('whatever begins and ends to cool meanwhile: comes to an end, goes nowhere twice, and nowhere cool while a warm one is left', () => {
    const changes = fc.array(fc.array(ms, { minLength: 6, maxLength: 6 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), changes, (count, times) => {
        const world = new World(times[0]!.slice(0, count));
        const planned = world.plan.targets.map(({ label }) => label);
        const { course, next } = world.course();
        const gone: string[] = [];
        while (course.left > 0) {
          world.cools.splice(0, count, ...times[gone.length]!.slice(0, count));
          const leftBefore = course.left;
          const was = course.reordered;
          const label = next();
          expect(planned).toContain(label);
          expect(gone).not.toContain(label);
          gone.push(label);
          expect(course.left).toBeLessThan(leftBefore);
          if (course.reordered) {
            // Once another order, never the plan's again.
            if (!was) expect(gone.slice(0, -1)).toEqual(planned.slice(0, gone.length - 1));
          } else {
            expect(was).toBe(false);
            expect(gone).toEqual(planned.slice(0, gone.length));
            expect(course.left).toBe(count - gone.length);
          }
          // Of those left after one was chosen among cooling ones none is to be had.
          if (!world.isWarm(label) && leftBefore > 1) expect(course.left).toBe(0);
        }
        expect(gone.length).toBeGreaterThan(0);
        for (const label of world.passed) expect(planned).toContain(label);
        expect(world.plan.targets.map(({ label }) => label)).toEqual(planned);
      }),
    );
  });

  test('tells of each passing by once for each time, and only of targets that cool behind which a warm one stands', () => {
    fc.assert(
      fc.property(fc.array(ms, { minLength: 1, maxLength: 8 }), (cools) => {
        const first = cools.findIndex((left) => left > 0);
        const run = first < 0 ? -1 : cools.findIndex((left, at) => at > first && left === 0);
        // Sorted behind the warm ones at once, what cools further back never stands before one.
        const expected =
          run < 0
            ? ''
            : cools
                .slice(first, run)
                .map((_, at) => name(first + at))
                .join('');
        expect(whole(...cools).passed).toBe(expected);
      }),
    );
  });
});

test('a balanced tier is laid out for each call, the tiers behind it stay where they are', () => {
  const target = (label: string) => ({ label, cell: { leftMs: () => 0 } }) as unknown as Target;
  const [a, b, c] = ['a', 'b', 'c'].map(target) as [Target, Target, Target];
  let turn = 0;
  const swaps = { order: () => (turn++ % 2 === 0 ? [a, b] : [b, a]) };
  const plan = planOf('p', [{ targets: [a, b], balancer: swaps }, ...tiersInOrder([c])]);
  const walk = () => {
    const course = new Course(plan, noAsk);
    const labels = [1, 2, 3].map(() => course.next(null).label).join('');
    expect(course.reordered).toBe(false);
    return labels;
  };
  expect([walk(), walk(), walk()]).toEqual(['abc', 'bac', 'abc']);
});
