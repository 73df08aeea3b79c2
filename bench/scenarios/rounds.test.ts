import { describe, expect, test } from 'vitest';
import { counted, difference, measurement, median, ratio, single } from './rounds.ts';

describe('median', () => {
  test('is the middle of an odd number of values, in whatever order they came', () => {
    expect(median([30, 10, 20])).toBe(20);
  });
  test('is the mean of the two in the middle of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  test('is nothing of nothing', () => {
    expect(median([])).toBeNull();
  });
  test('leaves what it was given in order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('pairs of rounds', () => {
  test('are taken round by round, not of medians', () => {
    expect(difference([10, 25, 12], [1, 20, 2])).toEqual([9, 5, 10]);
  });
  test('count only where both count', () => {
    expect(difference([10, null, 12], [1, 2, null])).toEqual([9, null, null]);
  });
  test('a yardstick with fewer rounds leaves the others open', () => {
    expect(difference([10, 11], [1])).toEqual([9, null]);
  });
  test('a ratio to nothing is nothing', () => {
    expect(ratio([10, 12], [0, 4])).toEqual([null, 3]);
  });
});

describe('a measurement', () => {
  test('has the median and the rounds that count', () => {
    expect(measurement('nginx', 'p99', [3, 1, 2])).toEqual({
      target: 'nginx',
      metric: 'p99',
      value: 2,
      rounds: [3, 1, 2],
    });
  });
  test('says how many rounds were void, and why', () => {
    const { value, rounds, remark } = measurement('nginx', 'p99', [3, null, 2], 'generator busy');
    expect({ value, rounds, remark }).toEqual({
      value: 2.5,
      rounds: [3, 2],
      remark: '1 of 3 rounds void: generator busy',
    });
  });
  test('has no value when no round counts, and keeps the reason', () => {
    const { value, rounds, remark } = measurement('nginx', 'p99', [null, null], 'generator busy');
    expect({ value, rounds, remark }).toEqual({ value: null, rounds: [], remark: 'generator busy' });
  });
  test('of a thing measured once is that value', () => {
    expect(single('nginx', 'peak', 7, null)).toEqual({
      target: 'nginx',
      metric: 'peak',
      value: 7,
      rounds: [7],
    });
  });
});

test('counted leaves out void rounds and keeps zeros', () => {
  expect(counted([0, null, 5])).toEqual([0, 5]);
});
