// What everybody who decides limits must hold to, run over each of them: a suite by maker. A decision here is one bucket or
// several asked in one question; times are ms of one clock.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Numbers of a rule. */
export interface Pace {
  burst: number;
  spacingMs: number;
}

export interface Decided {
  granted: number;
  /** 0 = granted. */
  waitMs: number;
}

/** One who decides. Buckets are named; each keeps the pace it is first asked with. Times are whole ms. */
export interface Decider {
  ask(
    asks: readonly { bucket: string; pace: Pace; need: number }[],
    nowMs: number,
  ): Decided[] | Promise<Decided[]>;
  /** Gives back units that were granted; negative = what was used beyond them. */
  back(bucket: string, pace: Pace, units: number, nowMs: number): void | Promise<void>;
}

const pace = fc.record({
  burst: fc.integer({ min: 1, max: 40 }),
  spacingMs: fc.double({ min: 0.5, max: 500, noNaN: true }),
});
const steps = fc.array(
  fc.record({
    after: fc.integer({ min: 0, max: 3_000 }),
    need: fc.integer({ min: 1, max: 40 }),
    back: fc.integer({ min: 0, max: 40 }),
  }),
  { minLength: 1, maxLength: 100, size: 'max' },
);

export function describeDecider(name: string, make: () => Decider): void {
  describe(`${name} decides limits`, () => {
    it('so that no window holds more than burst and rate', async () => {
      await fc.assert(
        fc.asyncProperty(pace, steps, fc.integer({ min: 1, max: 20_000 }), async (rule, calls, windowMs) => {
          const decider = make();
          const admitted: [at: number, units: number][] = [];
          let now = 1_000;
          for (const { after, need } of calls) {
            now += after;
            const units = Math.min(need, rule.burst); // larger ones run into debt, as is stated
            const [row] = await decider.ask([{ bucket: 'a', pace: rule, need: units }], now);
            if (row!.granted > 0) admitted.push([now, row!.granted]);
          }
          for (const [from] of admitted) {
            let sum = 0;
            for (const [at, units] of admitted) if (at >= from && at < from + windowMs) sum += units;
            expect(sum).toBeLessThanOrEqual(rule.burst + windowMs / rule.spacingMs + 1e-3);
          }
        }),
      );
    });

    it('with a wait after which the same call is admitted', async () => {
      await fc.assert(
        fc.asyncProperty(pace, steps, async (rule, calls) => {
          const decider = make();
          let now = 1_000;
          for (const { after, need } of calls) {
            now += after;
            const [row] = await decider.ask([{ bucket: 'a', pace: rule, need }], now);
            expect(row!.granted > 0).toBe(row!.waitMs === 0);
            if (row!.waitMs === 0) continue;
            now += Math.ceil(row!.waitMs);
            expect(await decider.ask([{ bucket: 'a', pace: rule, need }], now)).toEqual([
              { granted: need, waitMs: 0 },
            ]);
          }
        }),
      );
    });

    it('all buckets of a question or none', async () => {
      const decider = make();
      const wide = { burst: 10, spacingMs: 1_000 };
      const narrow = { burst: 1, spacingMs: 1_000 };
      const both = [
        { bucket: 'wide', pace: wide, need: 1 },
        { bucket: 'narrow', pace: narrow, need: 1 },
      ];
      const granted = async (asks: typeof both): Promise<number[]> =>
        (await decider.ask(asks, 1_000)).map(({ granted }) => granted);
      expect(await granted(both)).toEqual([1, 1]);
      expect(await granted(both)).toEqual([0, 0]);
      expect(await granted([{ bucket: 'wide', pace: wide, need: 9 }])).toEqual([9]);
    });

    it('with what was given back there again, and what was used beyond waited for', async () => {
      const decider = make();
      const rule = { burst: 10, spacingMs: 100 };
      const ask = async (need: number, now: number) =>
        (await decider.ask([{ bucket: 'a', pace: rule, need }], now))[0]!;
      expect((await ask(10, 1_000)).granted).toBe(10);
      await decider.back('a', rule, 4, 1_000);
      expect((await ask(4, 1_000)).granted).toBe(4);
      await decider.back('a', rule, -10, 1_000);
      expect((await ask(1, 1_000)).waitMs).toBeCloseTo(1_100, 0);
      expect((await ask(1, 2_101)).granted).toBe(1);
    });
  });
}

/** That two decide the same calls alike, to the unit and to the millisecond. */
export function describeAlike(name: string, make: () => readonly [Decider, Decider]): void {
  it(`${name} decide the same calls alike`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(pace, { minLength: 1, maxLength: 3 }), steps, async (rules, calls) => {
        const [one, other] = make();
        let now = 1_000;
        for (const { after, need, back } of calls) {
          now += after;
          const asks = rules.map((rule, at) => ({ bucket: `b${at}`, pace: rule, need }));
          const rows = await one.ask(asks, now);
          const twins = await other.ask(asks, now);
          expect(twins.map(({ granted }) => granted)).toEqual(rows.map(({ granted }) => granted));
          for (const [at, { waitMs }] of rows.entries()) expect(twins[at]!.waitMs).toBeCloseTo(waitMs, 2);
          if (rows[0]!.granted === 0) continue;
          const units = Math.min(back, need);
          for (const decider of [one, other]) await decider.back('b0', rules[0]!, units, now);
        }
      }),
    );
  });
}
