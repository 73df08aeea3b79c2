import fc from 'fast-check';
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

it('says every amount that numbers hold exactly, up to the last digit', () => {
  const exactly = (nano: number): string => {
    const digits = String(BigInt(Math.abs(nano))).padStart(10, '0');
    const said = `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
    return nano < 0 ? `-${said}` : said;
  };
  // Close to whole dollars a quotient would be rounded up to the next one.
  const nearly = fc.tuple(fc.nat(9_007_198), fc.nat(3)).map(([dollars, off]) => dollars * 1e9 - off);
  const amounts = fc.oneof(fc.maxSafeInteger(), nearly);
  fc.assert(
    fc.property(amounts, (nano) => {
      if (nano !== 0) expect(usdText(nano)).toBe(exactly(nano));
    }),
  );
});
