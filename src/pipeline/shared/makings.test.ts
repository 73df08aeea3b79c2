import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Making } from './making.ts';
import { bucketOf, Makings } from './makings.ts';

// Of a making the list looks at its name and its link alone.
const making = (name: string): Making => ({ wish: { name }, next: null, bucket: -1 }) as unknown as Making;

it('answers under way are found by their names, whatever came and went, as in a Map', () => {
  const step = fc.record({ add: fc.boolean(), of: fc.integer({ min: 0, max: 3_000 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2_000, size: 'max' }), (steps) => {
      const makings = new Makings();
      const model = new Map<string, Making>();
      for (const { add, of } of steps) {
        const name = `k${of}`;
        const had = model.get(name);
        expect(makings.get(name)).toBe(had);
        if (add) {
          const one = making(name);
          makings.add(one);
          model.set(name, one);
          // One whose place another took is there no more.
          if (had !== undefined) expect(makings.remove(had)).toBe(false);
        } else if (had !== undefined) {
          expect(makings.remove(had)).toBe(true);
          expect(makings.remove(had)).toBe(false);
          model.delete(name);
        }
      }
      for (const [name, one] of model) expect(makings.get(name)).toBe(one);
    }),
    { numRuns: 40 },
  );
});

it('names that fall into one bucket by one seed do not by another', () => {
  const names = Array.from({ length: 100_000 }, (_, at) => `k${(at * 2_654_435_761).toString(36)}`);
  const crafted = names.filter((name) => bucketOf(name, 0x811c9dc5) === 7);
  expect(crafted.length).toBeGreaterThan(60);
  for (const seed of [0, 1, 12_345, 0x7fffffff, 0xfedcba98]) {
    const counts = new Map<number, number>();
    for (const name of crafted) counts.set(bucketOf(name, seed), (counts.get(bucketOf(name, seed)) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThan(10);
  }
});
