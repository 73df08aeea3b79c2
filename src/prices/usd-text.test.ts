import { expect, it } from 'vitest';
import { usdText } from './usd-text.ts';

it('writes nanodollars as dollars, exactly and without an exponent', () => {
  expect([0, 1, 27_000, 1_000_000_000, 12_345_678_901, -5].map(usdText)).toEqual([
    '0',
    '0.000000001',
    '0.000027',
    '1',
    '12.345678901',
    '-0.000000005',
  ]);
});
