import { expect, test } from 'vitest';
import { modestRate, rateRemark } from './rate.ts';

test('what is wanted is given where the target can bear it', () => {
  expect(modestRate(200, 5000, 0.3)).toBe(200);
  expect(rateRemark(200, 200)).toBeUndefined();
});
test('a slow target gets its share, and the report says so', () => {
  expect(modestRate(200, 65, 0.3)).toBe(19);
  expect(rateRemark(19, 200)).toContain('19/s');
});
test('a rate is never nothing', () => {
  expect(modestRate(200, 0.4, 0.3)).toBe(1);
});
