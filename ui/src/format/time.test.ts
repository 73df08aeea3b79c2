import { expect, test } from 'vitest';
import { ago, brief, fromLocal, localInput, span, utc } from './time.ts';

test.each([
  [null, '–'],
  [0, '0 ms'],
  [0.25, '0.3 ms'],
  [3.44, '3.4 ms'],
  [340, '340 ms'],
  [999.7, '1 s'],
  [1_234, '1.23 s'],
  [12_340, '12.3 s'],
  [125_000, '2 min 5 s'],
  [11_040_000, '3 h 4 min'],
  [525_600_000, '6 d 2 h'],
])('%d ms are %s', (ms, text) => expect(span(ms)).toBe(text));

test('how long ago, and in how long', () => {
  const now = 1_700_000_000_000;
  expect(ago(now - 3_000, now)).toBe('just now');
  expect(ago(now - 240_000, now)).toBe('4 min ago');
  expect(ago(now + 3 * 86_400_000, now)).toBe('in 3 d');
});

test('an instant where there is little room: to the second today, with its day before', () => {
  const noon = new Date(2026, 10, 30, 12, 4, 5, 678).getTime();
  expect(brief(noon, noon + 1_000)).toBe('12:04:05');
  expect(brief(noon, noon + 86_400_000)).toBe('30 Nov 12:04');
});

test('an instant in UTC, and there and back through an input', () => {
  expect(utc(1_700_000_000_123)).toBe('2023-11-14 22:13:20.123 UTC');
  expect(fromLocal(localInput(1_700_000_000_000))).toBe(1_700_000_000_000);
  expect(fromLocal('')).toBeNull();
});
