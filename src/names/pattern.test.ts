import { expect, test } from 'vitest';
import { matchesPattern } from './pattern.ts';

test('a pattern with a star at its end matches what begins with it, any other only itself', () => {
  expect(matchesPattern('gpt-*', 'gpt-4o')).toBe(true);
  expect(matchesPattern('gpt-*', 'a gpt-4o')).toBe(false);
  expect(matchesPattern('gpt-4o', 'gpt-4o-mini')).toBe(false);
  expect(matchesPattern('*', '')).toBe(true);
});
