import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FirstByteTimes } from './first-byte-times.ts';
import { HedgeBudget } from './hedge-budget.ts';

test('U23: of any run of calls no more than its part is hedged, and a few that were saved up', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      fc.array(fc.boolean(), { maxLength: 2_000 }),
      (share, calls) => {
        const budget = new HedgeBudget(share);
        let taken = 0;
        calls.forEach((late, at) => {
          budget.arrived();
          if (late && budget.take()) taken++;
          expect(taken).toBeLessThanOrEqual(share * (at + 1) + 1e-6);
        });
      },
    ),
  );
});

test('all of its part may be: of a thousand late calls fifty', () => {
  const budget = new HedgeBudget(0.05);
  let taken = 0;
  for (let at = 0; at < 1_000; at++) {
    budget.arrived();
    if (budget.take()) taken++;
  }
  expect(taken).toBe(50);
});

test('a quiet hour saves up no more than ten', () => {
  const budget = new HedgeBudget(0.05);
  for (let at = 0; at < 10_000; at++) budget.arrived();
  let taken = 0;
  while (budget.take()) taken++;
  expect(taken).toBe(10);
});

test('the p95 is known from twenty answers on, is one of them, and follows what changes', () => {
  const times = new FirstByteTimes();
  for (let at = 1; at < 20; at++) times.add(at);
  expect(times.p95).toBeNull();
  times.add(20);
  expect(times.p95).toBe(19);
  for (let at = 0; at < 200; at++) times.add(at % 20 === 0 ? 900 : 100);
  expect(times.p95).toBe(100);
  for (let at = 0; at < 200; at++) times.add(at % 10 === 0 ? 900 : 100);
  expect(times.p95).toBe(900);
});

test('U23: where three calls in a hundred take five seconds the p99 falls below one, for less than five in a hundred more attempts', () => {
  const times = new FirstByteTimes();
  const budget = new HedgeBudget(0.05);
  let random = 11;
  const chance = (): number => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647;
  const attempt = (): number => (chance() < 0.03 ? 5_000 : 200 + 200 * chance());
  const alone: number[] = [];
  const hedged: number[] = [];
  let more = 0;
  for (let call = 0; call < 10_000; call++) {
    budget.arrived();
    const first = attempt();
    alone.push(first);
    const late = Math.max(500, times.p95 ?? Number.POSITIVE_INFINITY);
    let ms = first;
    if (first > late && budget.take()) {
      more++;
      ms = Math.min(first, late + attempt());
    }
    hedged.push(ms);
    times.add(ms);
  }
  const p99 = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.99) - 1]!;
  if (process.env['HEADGATE_SHOW_FIGURES'] === '1') console.log(p99(alone), p99(hedged), more);
  expect(p99(alone)).toBe(5_000);
  expect(p99(hedged)).toBeLessThan(1_000);
  expect(more).toBeLessThanOrEqual(500);
});
