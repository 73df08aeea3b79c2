import { describe, expect, it } from 'vitest';
import type { Bucket, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { paceOf } from '../limits/pace.ts';
import { BucketStore } from './bucket-store.ts';
import type { LocalBucket } from './local-bucket.ts';

const rule = (limit: number): LimitRule => ({
  name: 'user',
  dimension: 'requests',
  per: ['header:x-end-user'],
  match: { key: null, model: null, provider: null },
  limit,
  periodMs: 60_000,
  ...paceOf(limit, 60_000, limit),
});

function setUp(max?: number) {
  const back: [id: string, amount: number][] = [];
  const authority: LimitAuthority = {
    ask: () => Promise.reject(new Error('nobody asks')),
    giveBack: ({ id }: Bucket, amount: number) => void back.push([id, amount]),
    healthy: true,
  };
  const meters: string[] = [];
  const store = new BucketStore(
    authority,
    () => 1,
    {
      rule: (name, _lease, ofKey) => {
        meters.push(ofKey ? `${name} of a key` : name);
        return { admitted: () => {}, refused: () => {}, unknown: () => {}, refilled: () => {} };
      },
    },
    (bucket) => bucket.returnAll(() => 't'),
    max,
  );
  const lease = (bucket: LocalBucket, spare: number): void =>
    bucket.granted(
      { granted: spare, retryAfterMs: 0, remaining: 9, resetMs: 0, lifeMs: 1_000 },
      spare,
      't',
      0,
    );
  return { store, back, meters, lease };
}

describe('the buckets of a worker', () => {
  it('are bounded, however many names clients send, and what one held that goes is given back', () => {
    const { store, back, meters, lease } = setUp(100);
    const busy = store.find('user|busy', rule(6_000));
    for (let user = 0; user < 5_000; user++) {
      lease(store.find(`user|~${user}`, rule(6_000)), 5);
      expect(store.find('user|busy', rule(6_000))).toBe(busy); // used all the time: not the one that goes
      expect(store.size).toBeLessThanOrEqual(100);
    }
    expect(back.length).toBe(5_000 - 99);
    expect(back.every(([, amount]) => amount === 5)).toBe(true);
    expect(meters).toEqual(['user']); // one series for a rule, none for a name
  });

  it('begin anew where a reload changed the numbers, and keep what they have where it did not', () => {
    const { store, back, lease } = setUp();
    store.version = 1;
    const first = store.find('user|a', rule(600));
    lease(first, 3);
    store.version = 2;
    expect(store.find('user|a', rule(600))).toBe(first);
    expect(back).toEqual([]);
    store.version = 3;
    const changed = store.find('user|a', rule(700));
    expect(changed).not.toBe(first);
    expect(changed.bucket.version).toBe(3);
    expect(back).toEqual([['user|a', 3]]);
    expect(store.size).toBe(1);
  });

  it('of a rule that came with its key have its version: what was replaced does not come back', () => {
    const { store } = setUp();
    store.version = 50;
    const own = (limit: number, version: number): LimitRule => ({ ...rule(limit), version });
    const first = store.find('k|a', own(600, 1));
    expect(first.bucket.version).toBe(1);
    const second = store.find('k|a', own(700, 2));
    expect(second).not.toBe(first);
    // A call of the key as it was.
    expect(store.find('k|a', own(600, 1))).toBe(second);
    expect(second.rule.limit).toBe(700);
  });

  it('have meters by rule, of which no more are kept than there may be buckets', () => {
    const { store, meters } = setUp(2);
    store.find('user|a', rule(600));
    for (const name of ['k1', 'k2', 'k3', 'k1']) store.find(`${name}|a`, { ...rule(600), name, version: 1 });
    expect(meters).toEqual(['user', 'k1 of a key', 'k2 of a key', 'k3 of a key', 'k1 of a key']);
  });

  it('say numbers that came back as news: others asked with those in between', () => {
    const { store } = setUp();
    const own = (limit: number, version: number): LimitRule => ({ ...rule(limit), version });
    const first = store.find('k|a', own(600, 1));
    expect(store.find('k|a', own(600, 3))).toBe(first);
    expect(first.bucket.version).toBe(3);
    store.version = 4;
    const shared = store.find('user|a', rule(600));
    store.version = 6;
    expect(store.find('user|a', rule(600))).toBe(shared);
    expect(shared.bucket.version).toBe(6);
  });
});
