import { describe, expect, test } from 'vitest';
import { limitIsSpent, limitResetMs } from './limit-reset.ts';

const now = Date.parse('2026-01-01T00:00:00Z');

describe('the reset of a spent limit', () => {
  test.each([
    ['1s', 1_000],
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['120ms', 120],
    ['1d', 86_400_000],
    ['2m59.56s', 179_560],
    ['12', 12_000],
    ['7.5', 7_500],
  ])('is read from a duration (%s)', (text, ms) => {
    const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text };
    expect(limitResetMs(headers, now)).toBeCloseTo(ms, 3);
  });

  test('is read from a date', () => {
    const headers = {
      'anthropic-ratelimit-input-tokens-remaining': '0',
      'anthropic-ratelimit-input-tokens-reset': '2026-01-01T00:00:42Z',
    };
    expect(limitResetMs(headers, now)).toBe(42_000);
    expect(limitResetMs(headers)).toBeNull();
  });

  test('is the latest one when several limits are spent, and never that of a limit with something left', () => {
    const headers = {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '5s',
      'x-ratelimit-remaining-images': '3',
      'x-ratelimit-reset-images': '50s',
    };
    expect(limitResetMs(headers, now)).toBe(5_000);
  });

  test.each(['', 'soon', '-5', '1767225600', '0s', '2020-01-01T00:00:00Z', 'ms'])(
    'is not made of what is none (%s)',
    (text) => {
      const headers = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': text };
      expect(limitResetMs(headers, now)).toBeNull();
    },
  );
});

test('a limit is spent, is not, or nobody says', () => {
  expect(limitIsSpent({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-remaining-tokens': '5' })).toBe(
    true,
  );
  expect(limitIsSpent({ 'anthropic-ratelimit-tokens-remaining': '5' })).toBe(false);
  expect(limitIsSpent({ 'x-ratelimit-limit-requests': '5', 'retry-after': '1' })).toBeNull();
});
