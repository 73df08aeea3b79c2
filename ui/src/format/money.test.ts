import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dollars, exactMoney, money } from './money.ts';

test.each([
  [0, '$0'],
  [1, '$0.000000001'],
  [120, '$0.00000012'],
  [4_217_000, '$0.0042'],
  [420_000_000, '$0.42'],
  [999_999_999, '$1.00'],
  [1_234_560_000_000, '$1,234.56'],
])('%d nanodollars are %s', (nano, text) => expect(money(nano)).toBe(text));

test('no price is no zero', () => {
  expect(money(null)).toBe('no price');
  expect(dollars(undefined)).toBe('no price');
});

test('money is never rounded to nothing, nor by more than a twentieth', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (nano) => {
      const shown = Number(money(nano).replace(/[$,]/g, ''));
      expect(shown).toBeGreaterThan(0);
      expect(Math.abs(shown - nano / 1e9)).toBeLessThanOrEqual((nano / 1e9) * 0.05 + 1e-12);
    }),
  );
});

test('the exact sum reads back to the nanodollar', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (nano) => {
      const [, dollar = '', rest = ''] = /^\$(\d+)(?:\.(\d+))?$/.exec(exactMoney(nano)) ?? [];
      expect(BigInt(dollar) * 1_000_000_000n + BigInt(rest.padEnd(9, '0'))).toBe(BigInt(nano));
    }),
  );
});
