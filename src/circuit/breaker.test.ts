import { describe, expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

const OPTIONS = { openAt: 5, firstPauseMs: 50, maxPauseMs: 2_000, calmMs: 500 };

function breaker(): { it: Breaker; at: (ms: number) => void } {
  let now = 0;
  const it = new Breaker({ now: () => now, wall: () => now }, OPTIONS);
  it.beginProbe();
  it.probeAnswered();
  return {
    it,
    at: (ms) => {
      now = ms;
    },
  };
}

describe('whether Redis is worth asking', () => {
  it('is not believed before it answered once', () => {
    const cold = new Breaker({ now: () => 0, wall: () => 0 }, OPTIONS);
    expect(cold.closed).toBe(false);
    expect(cold.beginProbe()).toBe(true);
    expect(cold.beginProbe()).toBe(false);
    cold.probeAnswered();
    expect(cold.closed).toBe(true);
  });

  it('opens at the fifth failure in a row and not for one in ten', () => {
    const { it: one } = breaker();
    expect([1, 2, 3, 4, 5].map(() => one.failure())).toEqual([false, false, false, false, true]);
    const { it: other } = breaker();
    for (let at = 0; at < 1_000; at++) {
      if (at % 10 === 0) other.failure();
      else other.success();
    }
    expect(other.closed).toBe(true);
  });

  it('opens when every third call fails, though never five in a row', () => {
    const { it: one } = breaker();
    for (let at = 0; at < 100; at++) {
      if (at % 3 === 0) one.failure();
      else one.success();
    }
    expect(one.closed).toBe(false);
  });

  it('asks more and more seldom while it stays away, and counts the time', () => {
    const { it: one, at } = breaker();
    at(10_000);
    one.trip();
    const pauses: number[] = [];
    for (let round = 0; round < 8; round++) {
      pauses.push(one.pauseMs);
      one.beginProbe();
      one.probeFailed();
    }
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
    at(13_000);
    expect(one.degradedMs).toBe(3_000);
    one.beginProbe();
    expect(one.probeAnswered()).toBe(3_000);
    at(20_000);
    expect(one.degradedMs).toBe(3_000);
    one.trip();
    expect(one.pauseMs).toBe(50);
  });

  it('is believed more and more slowly when it answers probes and nothing else', () => {
    const { it: one, at } = breaker();
    at(10_000);
    const pauses: number[] = [];
    for (let round = 0; round < 4; round++) {
      one.trip();
      pauses.push(one.pauseMs);
      one.beginProbe();
      one.probeAnswered();
    }
    expect(pauses).toEqual([50, 100, 200, 400]);
  });
});
