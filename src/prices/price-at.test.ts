import { expect, it } from 'vitest';
import { chargeOf } from './charge.ts';
import { priceOf } from './fields.ts';
import { NO_USE } from './no-use.ts';
import { DatedPrice, isPriced, priceAt } from './price-at.ts';
import { ReservePrices } from './reserve.ts';

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
    expect(reserve.most(price, { promptTokens: 1_000, outputTokens: 0 })).toBe(nano);
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
