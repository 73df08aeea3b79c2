import { describe, expect, test } from 'vitest';
import { bytes, change, percent, rate, short, tokens, whole } from './number.ts';

describe('numbers', () => {
  test.each([
    [0, '0'],
    [7, '7'],
    [2.34, '2.34'],
    [2.345, '2.35'],
    [999, '999'],
    [1234, '1,234'],
    [9_999, '9,999'],
    [12_345, '12.3k'],
    [999_949, '999.9k'],
    [999_950, '1M'],
    [4_560_000, '4.56M'],
    [9_994_999, '9.99M'],
    [9_996_000, '10M'],
    [38_010_000, '38M'],
    [38_160_000, '38.2M'],
    [200_060_000, '200M'],
    [999_499_999, '999M'],
    [999_500_000, '1B'],
    [-200_060_000, '-200M'],
    [7_800_000_000, '7.8B'],
    [-12_345, '-12.3k'],
  ])('%d is %s', (value, text) => expect(short(value)).toBe(text));

  test('what is not known is no zero', () => {
    expect([
      short(null),
      whole(undefined),
      tokens(null),
      percent(null),
      bytes(null),
      rate(undefined),
    ]).toEqual(Array(6).fill('–'));
  });

  test('a share is nothing or all only when it is', () => {
    expect([0, 0.00001, 0.002, 0.1234, 0.9999, 1].map(percent)).toEqual([
      '0 %',
      '< 0.01 %',
      '0.2 %',
      '12.3 %',
      '> 99.9 %',
      '100 %',
    ]);
  });

  test('sizes and rates have units', () => {
    expect([0, 999, 1500, 81_234_567].map(bytes)).toEqual(['0 B', '999 B', '1.5 kB', '81 MB']);
    expect(rate(42, 'tok')).toBe('42 tok/s');
    expect(rate(0.001)).toBe('< 0.01/s');
  });

  test('a change is of the period before, and new where that had none', () => {
    expect(change(112, 100)).toBe('+12 %');
    expect(change(97, 100)).toBe('−3 %');
    expect(change(5, 0)).toBe('new');
    expect(change(0, 0)).toBe('±0 %');
  });
});
