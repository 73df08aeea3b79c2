import { expect, it } from 'vitest';
import { shareOf } from './loop-waits.ts';

it('is the bound below which that share of the waits lies', () => {
  const counts = [98, 0, 1, 1];
  expect([0, 0.5, 0.98, 0.99, 1].map((share) => shareOf(counts, share))).toEqual([50, 50, 50, 150, 200]);
});

it('is no number where nobody came', () => {
  expect(shareOf([0, 0], 0.99)).toBeNaN();
});
