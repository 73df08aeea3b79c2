// Every strategy over targets that tests make, with clock and chance as arguments.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BalanceAsk } from '../../contracts/balance.ts';
import type { Target } from '../../contracts/plan.ts';
import type { Strategy } from '../../contracts/strategy.ts';
import { partOfTier } from '../plan-tiers.ts';
import { balancerFor } from './balancer.ts';
import { LoadMeter } from './load-meter.ts';

interface Made {
  targets: Target[];
  loads: Record<string, LoadMeter>;
}

function make(weights: Readonly<Record<string, number>>): Made {
  const loads: Record<string, LoadMeter> = {};
  const targets = Object.entries(weights).map(([label, weight]) => {
    loads[label] = new LoadMeter();
    return { label, weight, load: loads[label] } as unknown as Target;
  });
  return { targets, loads };
}

class World implements BalanceAsk {
  now = 1_000_000;
  key = 0;
  #seed = 7;
  nowMs(): number {
    return this.now;
  }
  random(): number {
    this.#seed = (this.#seed * 16_807) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
  affinity(): number {
    return this.key;
  }
}

const balancer = (strategy: Strategy, { targets }: Made, costs: Record<string, number> = {}, start = 0) =>
  balancerFor(strategy, { targets, costOf: ({ label }) => costs[label] ?? null, start })!;

const firsts = (strategy: Strategy, made: Made, world: World, count: number, costs = {}) => {
  const chosen = balancer(strategy, made, costs);
  const counts: Record<string, number> = {};
  for (let call = 0; call < count; call++) {
    const { label } = chosen.order(world)[0]!;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
};

const STRATEGIES: readonly Strategy[] = [
  'weighted',
  'round-robin',
  'least-busy',
  'latency',
  'cost',
  'usage',
  'hash',
  'adaptive',
];

describe.each(STRATEGIES)('%s', (strategy) => {
  it('always gives every target once, whatever happens to them', () => {
    const event = fc.record({
      at: fc.nat(3),
      what: fc.constantFrom('began', 'ended', 'served', 'failed', 'spent'),
      ms: fc.nat(5_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 2, max: 4 }), (events, count) => {
        const names = ['a', 'b', 'c', 'd'].slice(0, count);
        const made = make(Object.fromEntries(names.map((name, at) => [name, at + 1])));
        const chosen = balancer(strategy, made, { a: 2, b: 1 });
        const world = new World();
        for (const { at, what, ms } of events) {
          const load = made.loads[names[at % count]!]!;
          world.now += ms;
          world.key = ms;
          if (what === 'began') load.began(world.now);
          else if (what === 'ended') load.ended();
          else if (what === 'served') load.served(world.now, ms);
          else if (what === 'failed') load.failed(world.now);
          else load.spent(world.now, ms);
          const order = chosen.order(world).map(({ label }) => label);
          expect(order.toSorted()).toEqual(names);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('shares', () => {
  it.each([1, 4])(
    'by weight are exact over %i workers and 10,000 calls, to one call in a hundred and fewer',
    (workers) => {
      const sums: Record<string, number> = {};
      for (let worker = 0; worker < workers; worker++) {
        const counts = firsts('weighted', make({ a: 5, b: 3, c: 2 }), new World(), 10_000 / workers);
        for (const [label, count] of Object.entries(counts)) sums[label] = (sums[label] ?? 0) + count;
      }
      expect(sums).toEqual({ a: 5_000, b: 3_000, c: 2_000 });
    },
  );

  it('by weight are exact to one in a hundred over many workers, however the calls fall on them', () => {
    const world = new World();
    const weights = { a: 70, b: 27, c: 3 };
    const workers = Array.from({ length: 32 }, (_, start) => balancer('weighted', make(weights), {}, start));
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let call = 0; call < 10_000; call++) {
      // Some get twice as many as others.
      const at = Math.floor(world.random() ** 1.5 * workers.length);
      counts[workers[at]!.order(world)[0]!.label]!++;
    }
    for (const [label, weight] of Object.entries(weights))
      expect(Math.abs(counts[label]! - weight * 100), JSON.stringify(counts)).toBeLessThanOrEqual(100);
  });

  it('by weight of the first calls over many workers are not all for the heaviest', () => {
    const firstOf = (start: number): string =>
      balancer('weighted', make({ a: 60, b: 40 }), {}, start).order(new World())[0]!.label;
    const begun = Array.from({ length: 50 }, (_, start) => firstOf(start));
    expect(begun.filter((label) => label === 'b').length).toBeGreaterThan(10);
  });

  it('by weight are never more than one call off on the way', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 5 }), (weights) => {
        const made = make(Object.fromEntries(weights.map((weight, at) => [`t${at}`, weight])));
        const sum = weights.reduce((all, weight) => all + weight, 0);
        const chosen = balancer('weighted', made);
        const counts = weights.map(() => 0);
        for (let call = 1; call <= 3 * sum; call++) {
          counts[Number(chosen.order(new World())[0]!.label.slice(1))]!++;
          for (const [at, weight] of weights.entries())
            expect(Math.abs(counts[at]! - (call * weight) / sum)).toBeLessThan(weights.length);
        }
      }),
    );
  });

  it('in turn begin elsewhere at each worker', () => {
    const made = make({ a: 1, b: 1, c: 1 });
    const begun = [0, 1, 2, 3].map(
      (start) => balancer('round-robin', made, {}, start).order(new World())[0]!.label,
    );
    expect(begun).toEqual(['a', 'b', 'c', 'a']);
    expect(firsts('round-robin', made, new World(), 300)).toEqual({ a: 100, b: 100, c: 100 });
  });
});

describe('what is known of targets', () => {
  it('least-busy: the fewest calls under way for their weight; of equals in turn', () => {
    const made = make({ a: 1, b: 3 });
    const world = new World();
    for (let call = 0; call < 40; call++) {
      const { label } = balancer('least-busy', made).order(world)[0]!;
      made.loads[label]!.began(world.now);
    }
    expect(made.loads['a']!.inFlight).toBe(10);
    expect(made.loads['b']!.inFlight).toBe(30);
    for (let call = 0; call < 30; call++) made.loads['b']!.ended();
    expect(balancer('least-busy', made).order(world)[0]!.label).toBe('b');
  });

  it('latency: the faster one, and a slow one is looked at again when nobody asked it for minutes', () => {
    const made = make({ slow: 1, fast: 1 });
    const world = new World();
    made.loads['slow']!.served(world.now, 800);
    made.loads['fast']!.served(world.now, 80);
    expect(firsts('latency', made, world, 20)).toEqual({ fast: 20 });
    for (let second = 0; second < 400; second++) {
      world.now += 1_000;
      made.loads['fast']!.served(world.now, 80);
    }
    expect(firsts('latency', made, world, 1)).toEqual({ slow: 1 });
  });

  it.each(['latency', 'adaptive'] as const)('%s: who refuses at once attracts no traffic', (strategy) => {
    const made = make({ refuses: 1, works: 1, too: 1 });
    const world = new World();
    let refused = 0;
    const chosen = balancer(strategy, made);
    for (let call = 0; call < 2_000; call++) {
      world.now += 10;
      const { label } = chosen.order(world)[0]!;
      const load = made.loads[label]!;
      load.began(world.now);
      if (label === 'refuses') {
        refused++;
        load.failed(world.now);
      } else load.served(world.now, 400);
      load.ended();
    }
    expect(refused).toBeLessThan(100);
  });

  it('adaptive: shares follow what targets bear, and come back when one is well again', () => {
    const made = make({ a: 1, b: 1 });
    const world = new World();
    const chosen = balancer('adaptive', made);
    const run = (calls: number, bMs: number): number => {
      let toB = 0;
      const open: { label: string; until: number }[] = [];
      for (let call = 0; call < calls; call++) {
        world.now += 20;
        for (const one of open.splice(0)) {
          if (one.until > world.now) open.push(one);
          else {
            made.loads[one.label]!.served(world.now, one.label === 'b' ? bMs : 200);
            made.loads[one.label]!.ended();
          }
        }
        const { label } = chosen.order(world)[0]!;
        made.loads[label]!.began(world.now);
        open.push({ label, until: world.now + (label === 'b' ? bMs : 200) });
        if (label === 'b') toB++;
      }
      for (const { label } of open) made.loads[label]!.ended();
      return toB / calls;
    };
    const even = run(2_000, 200);
    expect(even).toBeGreaterThan(0.35);
    expect(even).toBeLessThan(0.65);
    expect(run(2_000, 2_000)).toBeLessThan(0.25);
    run(5_000, 200);
    expect(run(2_000, 200)).toBeGreaterThan(0.35);
  });

  it('usage: who has used less of the minute, for its weight; after two minutes nothing counts', () => {
    const made = make({ a: 1, b: 2 });
    const world = new World();
    world.now = 60_000 * 100;
    made.loads['a']!.spent(world.now, 50_000);
    made.loads['b']!.spent(world.now, 90_000);
    expect(balancer('usage', made).order(world)[0]!.label).toBe('b');
    made.loads['b']!.spent(world.now, 30_000);
    expect(balancer('usage', made).order(world)[0]!.label).toBe('a');
    world.now += 120_000;
    expect(made.loads['a']!.tokens(world.now)).toBe(0);
  });

  it('cost: the cheapest, those without a known price last, equals in turn', () => {
    const made = make({ unknown: 1, dear: 1, cheap: 1, same: 1 });
    const order = balancer('cost', made, { dear: 9, cheap: 1, same: 1 }).order(new World());
    expect(order.map(({ label }) => label).slice(2)).toEqual(['dear', 'unknown']);
    expect(firsts('cost', made, new World(), 100, { dear: 9, cheap: 1, same: 1 })).toEqual({
      cheap: 50,
      same: 50,
    });
  });

  it('hash: one conversation stays, weights share them out, and who goes moves only its own', () => {
    const made = make({ a: 1, b: 1, c: 2 });
    const chosen = balancer('hash', made);
    const world = new World();
    const at = new Map<number, string>();
    const counts: Record<string, number> = { a: 0, b: 0, c: 0 };
    for (let key = 0; key < 4_000; key++) {
      world.key = key;
      const { label } = chosen.order(world)[0]!;
      expect(chosen.order(world)[0]!.label).toBe(label);
      at.set(key, label);
      counts[label]!++;
    }
    expect(counts['c']! / 4_000).toBeCloseTo(0.5, 1);
    expect(counts['a']! / 4_000).toBeCloseTo(0.25, 1);
    const without = partOfTier({ targets: made.targets, balancer: chosen }, ({ label }) => label !== 'b')!;
    for (const [key, label] of at) {
      world.key = key;
      const now = without.balancer!.order(world)[0]!.label;
      if (label !== 'b') expect(now).toBe(label);
    }
  });
});
