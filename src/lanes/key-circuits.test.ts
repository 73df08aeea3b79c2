import { describe, expect, test } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { RingKey } from '../contracts/lane.ts';
import { createKeyRing } from './key-ring.ts';

const { breaker } = makeProvider('p');

function setUp(count = 2) {
  let now = 1;
  let pick = 0;
  const keys = Array.from({ length: count }, (_, at) => ({
    value: `sk-${at}`,
    alias: `k${at}`,
    weight: 1,
    models: [],
  }));
  const ring = createKeyRing(keys, { clock: { now: () => now, wall: () => now }, random: () => pick });
  const key = (at: number): RingKey => ({ config: keys[at]! });
  const pass = (ms: number): void => void (now += ms);
  /** Fails so often, each time behind an answer with the other key. @returns ms that it is to rest in the end. */
  const fail = (at: number, times: number, others = true): number => {
    let forMs = 0;
    for (let one = 0; one < times; one++) {
      pass(1);
      forMs = ring.failed(key(at), 'm', breaker);
      if (others && count > 1) ring.served(key((at + 1) % count), 'm', breaker);
      if (forMs > 0) ring.rest(key(at), 'm', forMs);
    }
    return forMs;
  };
  const picked = (random: number): string | undefined => {
    pick = random;
    return ring.pick('m', [])?.config.alias;
  };
  return { ring, key, pass, fail, picked };
}

describe('the circuit of a key', () => {
  test('opens behind failures in a row while another key works: it is picked no more', () => {
    const { fail, picked } = setUp();
    expect(fail(0, breaker.failures - 1)).toBe(0);
    expect(picked(0)).toBe('k0');
    expect(fail(0, 1)).toBeGreaterThan(0);
    expect([picked(0), picked(0.9)]).toEqual(['k1', 'k1']);
  });

  test('stays closed where all keys fail, or it is the only one: that is the model', () => {
    const all = setUp();
    for (let at = 0; at < 30; at++) expect(all.fail(at % 2, 1, false)).toBe(0);
    const one = setUp(1);
    expect(one.fail(0, 30)).toBe(0);
  });

  test('lets one call find out when its rest is over; a failure rests it twice as long', () => {
    const { ring, key, fail, pass, picked } = setUp();
    const first = fail(0, breaker.failures);
    pass(first);
    expect([picked(0), picked(0)]).toEqual(['k0', 'k1']);
    const second = ring.failed(key(0), 'm', breaker);
    expect(second / first).toBeCloseTo(2);
  });

  test('closes when that one is answered, and all calls may come', () => {
    const { ring, key, fail, pass, picked } = setUp();
    pass(fail(0, breaker.failures));
    expect([picked(0), picked(0)]).toEqual(['k0', 'k1']);
    ring.served(key(0), 'm', breaker);
    expect([picked(0), picked(0)]).toEqual(['k0', 'k0']);
  });

  test('is reset with the rests of keys', () => {
    const { ring, fail, picked } = setUp();
    fail(0, breaker.failures);
    ring.wake();
    expect([picked(0), picked(0)]).toEqual(['k0', 'k0']);
  });

  test('is off where circuits are', () => {
    const { ring, key } = setUp();
    ring.served(key(1), 'm', breaker);
    for (let at = 0; at < 50; at++) expect(ring.failed(key(0), 'm', { ...breaker, failures: 0 })).toBe(0);
  });
});
