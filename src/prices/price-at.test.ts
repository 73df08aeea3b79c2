import { expect, it } from 'vitest';
import { chargeOf } from './charge.ts';
import { priceOf } from './fields.ts';
import { NO_USE } from './no-use.ts';
import { DatedPrice, isPriced, priceAt, priceNow, pricesSince } from './price-at.ts';
import { mostOf, ReservePrices } from './reserve.ts';

const [old, next, last] = [1e-6, 2e-6, 3e-6].map((usd) => priceOf({ input_cost_per_token: usd }, `${usd}`));
const from = (fromMs: number, price = next!) => ({ fromMs, price });
let now = 0;
const use = { ...NO_USE, inputTokens: 1_000 };

it('holds from the first millisecond of its day on, wherever it is used', () => {
  const price = new DatedPrice(
    [from(Number.NEGATIVE_INFINITY, old), from(1_000), from(2_000, last)],
    () => now,
  );
  const reserve = new ReservePrices();
  for (const [at, source, nano] of [
    [0, '0.000001', 1_000_000],
    [999, '0.000001', 1_000_000],
    [1_000, '0.000002', 2_000_000],
    [1_999, '0.000002', 2_000_000],
    [2_000, '0.000003', 3_000_000],
    [9e15, '0.000003', 3_000_000],
  ] as const) {
    now = at;
    expect(priceAt(price, at)?.source).toBe(source);
    expect(price.source).toBe(source);
    expect(chargeOf(price, use)?.nanoUsd).toBe(nano);
    expect(mostOf(reserve.of(price, 1_000), 1_000, 0)).toBe(nano);
  }
});

it('is none before the first of a model that had none', () => {
  const price = new DatedPrice([from(1_000)], () => now);
  now = 999;
  expect(priceAt(price, now)).toBeNull();
  expect(isPriced(price)).toBe(false);
  expect(chargeOf(price, use)).toBeNull();
  now = 1_000;
  expect(isPriced(price)).toBe(true);
  expect(chargeOf(price, use)?.nanoUsd).toBe(2_000_000);
  expect(priceAt(old!, 5)).toBe(old);
  expect(isPriced(null)).toBe(false);
});

it('is one price where no time to come can ask for another', () => {
  const all = [from(0, old), from(1_000), from(2_000, last)];
  expect(pricesSince(all, 2_000, () => now)).toBe(last);
  expect(pricesSince([], 0, () => now)).toBeNull();
  const two = pricesSince(all, 1_500, () => now)!;
  expect(two.dated?.map(({ fromMs }) => fromMs)).toEqual([1_000, 2_000]);
  // Hours before a later price do not come again; behind it they do.
  const hours = { spans: [[0, 60]] as const, timezone: 'UTC' };
  const odd = { ...from(0), hours, holds: (at: number) => at % 2 === 1 };
  expect(pricesSince([from(0, old), odd, from(1_000, last)], 1_000, () => now)).toBe(last);
  const times = pricesSince([from(0, old), odd], 1_000, () => now)!;
  now = 3_000;
  expect(priceNow(times)?.source).toBe(old!.source);
  now = 3_001;
  expect(priceNow(times)?.source).toBe(next!.source);
});
