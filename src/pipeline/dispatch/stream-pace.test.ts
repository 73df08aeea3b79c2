import { describe, expect, test } from 'vitest';
import type { TimeoutConfig } from '../../contracts/attempt-config.ts';
import { paceOf, StreamPace } from './stream-pace.ts';

const off: TimeoutConfig = { connectMs: 0, headersMs: 0, firstTokenMs: 0, betweenTokensMs: 0, totalMs: 0 };
const floor = { ...off, minTokensPerSecond: 2, throughputWindowMs: 10_000 };

describe('the floor of a stream', () => {
  test('is a number of tokens in each whole window from the first token on', () => {
    const pace = new StreamPace(0, floor);
    expect(pace.crawls(1_000, true, 0)).toBe(false);
    expect(pace.crawls(60_000, true, 1)).toBe(false);
    expect(pace.crawls(69_999, true, 2)).toBe(false);
    expect(pace.crawls(70_000, true, 21)).toBe(false);
    expect(pace.crawls(80_000, true, 40)).toBe(true);
  });

  test('counts no time in which nobody waits', () => {
    const pace = new StreamPace(0, floor);
    pace.crawls(0, true, 1);
    expect(pace.crawls(9_000, false, 1)).toBe(false);
    expect(pace.crawls(30_000, true, 1)).toBe(false);
    expect(pace.crawls(39_000, true, 1)).toBe(false);
    expect(pace.crawls(40_000, true, 1)).toBe(true);
  });
});

test('a stream stands still after so many ms, with pings three times as many, until it is to be waited for', () => {
  const pace = new StreamPace(1_000, off);
  const times = { startedAt: 0, sentAt: 0, since: 5_000, tokenAt: 5_000 };
  expect(pace.stands(times, 5_999, true, 1)).toBe(false);
  expect(pace.stands(times, 6_000, true, 1)).toBe(true);
  expect(pace.stands(times, 6_000, false, 1)).toBe(false);
  expect(pace.stands(times, 6_000, true, 0)).toBe(false);
  expect(pace.stands({ ...times, since: 7_900 }, 8_000, true, 1)).toBe(true);
  pace.bePatient();
  expect(pace.stands(times, 900_000, true, 1)).toBe(false);
});

test('nobody watches a stream that is waited for, however slow', () => {
  expect(paceOf(0, off)).toBeNull();
  expect(paceOf(1, off)).not.toBeNull();
  expect(paceOf(0, floor)).not.toBeNull();
});
