import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BucketRef, LimitLedger } from './ledger.ts';
import { paceOf } from './pace.ts';

const rate = (id: string, limit: number, burst: number | null = null): BucketRef => ({
  id,
  dimension: 'requests',
  limit,
  ...paceOf(limit, 60_000, burst),
  version: 1,
});
const slots = (id: string, limit: number): BucketRef => ({
  id,
  dimension: 'concurrent',
  limit,
  spacingMs: 0,
  burst: 0,
  version: 1,
});

let serial = 0;
const token = (): string => `t${serial++}`;

describe('the books of the limits', () => {
  it('takes from all buckets or from none', () => {
    const ledger = new LimitLedger();
    const [wide, narrow] = [slots('wide', 10), slots('narrow', 1)];
    const both = [
      { bucket: wide, need: 1, want: 1 },
      { bucket: narrow, need: 1, want: 1 },
    ];
    expect(ledger.ask(1, both, token(), 0).map(({ granted }) => granted)).toEqual([1, 1]);
    const refused = ledger.ask(1, both, token(), 0);
    expect(refused.map(({ granted }) => granted)).toEqual([0, 0]);
    expect(refused.map(({ retryAfterMs }) => retryAfterMs > 0)).toEqual([false, true]);
    expect(ledger.taken('wide')).toBe(1);
  });

  it('takes once for a token, also when asked again', () => {
    const ledger = new LimitLedger();
    const asks = [{ bucket: slots('s', 10), need: 1, want: 1 }];
    ledger.ask(1, asks, 'same', 0);
    ledger.ask(1, asks, 'same', 0);
    expect(ledger.taken('s')).toBe(1);
    ledger.ask(2, asks, 'same', 0); // another worker's token is another token
    expect(ledger.taken('s')).toBe(2);
  });

  it('M08: never holds more slots than the limit, and none once everybody has given back or died', () => {
    const act = fc.record({
      member: fc.integer({ min: 1, max: 4 }),
      kind: fc.constantFrom('ask', 'ask', 'back', 'back-twice', 'die'),
      count: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const ledger = new LimitLedger();
        const bucket = slots('s', 10);
        const held = new Map<number, number>();
        for (const { member, kind, count } of acts) {
          const mine = held.get(member) ?? 0;
          if (kind === 'ask') {
            const [grant] = ledger.ask(member, [{ bucket, need: 1, want: count }], token(), 0);
            held.set(member, mine + grant!.granted);
          } else if (kind === 'die') {
            ledger.leave(member);
            held.delete(member);
          } else {
            const back = kind === 'back' ? Math.min(mine, count) : mine + count;
            ledger.giveBack(member, bucket, back, 0);
            held.set(member, Math.max(0, mine - back));
          }
          const sum = [...held.values()].reduce((a, b) => a + b, 0);
          expect(ledger.taken('s')).toBe(sum);
          expect(sum).toBeLessThanOrEqual(10);
        }
        for (const member of [1, 2, 3, 4]) ledger.leave(member);
        expect(ledger.taken('s')).toBe(0);
      }),
    );
  });

  it('M05: leases of several workers stay within the bound, however they are asked, returned and left', () => {
    const act = fc.record({
      member: fc.integer({ min: 1, max: 4 }),
      after: fc.integer({ min: 0, max: 500 }),
      want: fc.integer({ min: 1, max: 5 }),
      unspent: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const ledger = new LimitLedger();
        const bucket = rate('r', 600);
        let now = 0;
        let spent = 0;
        for (const { member, after, want, unspent } of acts) {
          now += after;
          const [grant] = ledger.ask(member, [{ bucket, need: 1, want }], token(), now);
          const back = Math.min(grant!.granted, unspent);
          ledger.giveBack(member, bucket, back, now);
          ledger.commit(member, 'r', grant!.granted - back);
          spent += grant!.granted - back;
        }
        expect(spent).toBeLessThanOrEqual(bucket.burst + now / bucket.spacingMs + 1e-6);
      }),
    );
  });

  it('M03: what a dead worker had reserved and not settled is free at once; what it settled is not', () => {
    const ledger = new LimitLedger();
    const bucket = rate('r', 60, 10);
    const asks = [{ bucket, need: 10, want: 10 }];
    expect(ledger.ask(1, asks, token(), 0)[0]!.granted).toBe(10);
    ledger.commit(1, 'r', 4);
    ledger.leave(1);
    expect(ledger.ask(2, [{ bucket, need: 1, want: 10 }], token(), 0)[0]!.granted).toBe(6);
    ledger.leave(1); // settling twice changes nothing
    expect(ledger.ask(2, [{ bucket, need: 1, want: 10 }], token(), 0)[0]!.granted).toBe(0);
  });

  it('M02: tokens used beyond the reservation are debt of the bucket', () => {
    const ledger = new LimitLedger();
    const bucket = rate('r', 60, 10);
    ledger.giveBack(1, bucket, -20, 0);
    const [grant] = ledger.ask(1, [{ bucket, need: 1, want: 1 }], token(), 0);
    expect(grant).toMatchObject({ granted: 0, remaining: 0 });
    expect(grant!.retryAfterMs).toBeCloseTo(11 * 1000);
  });

  it('follows new numbers of a rule without forgetting what is taken', () => {
    const ledger = new LimitLedger();
    const limit = (count: number, version: number) => ({ ...slots('s', count), version });
    const ask = (bucket: BucketRef, need = 1): number =>
      ledger.ask(1, [{ bucket, need, want: need }], token(), 0)[0]!.granted;
    expect(ask(limit(10, 1), 5)).toBe(5);
    expect(ask(limit(5, 2))).toBe(0);
    expect(ask(limit(10, 1))).toBe(0); // a worker that has not heard of it yet
    expect(ask(limit(6, 3))).toBe(1);
    expect(ledger.taken('s')).toBe(6);
  });

  it('a raised limit gives the difference at once, a lowered one waits for the next unit and no longer', () => {
    const ledger = new LimitLedger();
    const day = (limit: number, version: number): BucketRef => ({
      ...rate('d', limit),
      ...paceOf(limit, 86_400_000, limit),
      version,
    });
    const ask = (bucket: BucketRef, need: number, now: number) =>
      ledger.ask(1, [{ bucket, need, want: need }], token(), now)[0]!;
    expect(ask(day(1_000, 1), 1_000, 0).granted).toBe(1_000);
    expect(ask(day(3_000, 2), 2_001, 0).granted).toBe(0);
    expect(ask(day(3_000, 2), 2_000, 0).granted).toBe(2_000);
    const lowered = ask(day(10, 3), 1, 0);
    expect(lowered.granted).toBe(0);
    expect(lowered.retryAfterMs).toBeLessThanOrEqual(86_400_000 / 10);
    expect(ask(day(10, 3), 1, lowered.retryAfterMs).granted).toBe(1);
  });

  it('whatever a reload changes, what was given back makes no room that was not there', () => {
    const act = fc.record({
      kind: fc.constantFrom('take', 'back', 'reload', 'pass'),
      limit: fc.integer({ min: 1, max: 1_000 }),
      units: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
        const ledger = new LimitLedger();
        let bucket: BucketRef = { ...rate('b', 100, 100), version: 1 };
        let now = 0;
        let held = 0;
        for (const { kind, limit, units } of acts) {
          if (kind === 'pass') now += units * 10;
          else if (kind === 'reload') bucket = { ...rate('b', limit, limit), version: bucket.version + 1 };
          else if (kind === 'back') {
            ledger.giveBack(1, bucket, units, now);
            held = Math.max(0, held - units);
          } else held += ledger.ask(1, [{ bucket, need: units, want: units }], token(), now)[0]!.granted;
          const [grant] = ledger.ask(2, [{ bucket, need: 0, want: 0 }], token(), now);
          expect(grant!.remaining).toBeLessThanOrEqual(bucket.burst + 1e-6);
          expect(grant!.remaining).toBeGreaterThanOrEqual(0);
          expect(Number.isFinite(grant!.resetMs)).toBe(true);
        }
      }),
    );
  });

  it('forgets buckets at rest, and the oldest beyond its cap, but never a slot in use', () => {
    const ledger = new LimitLedger({ maxBuckets: 100 });
    ledger.ask(1, [{ bucket: slots('busy', 5), need: 1, want: 1 }], token(), 0);
    for (let user = 0; user < 10_000; user++) {
      const bucket = rate(`user-${user}`, 600);
      ledger.ask(1, [{ bucket, need: 1, want: 1 }], token(), user);
      expect(ledger.size).toBeLessThanOrEqual(100);
    }
    expect(ledger.taken('busy')).toBe(1);
    for (let step = 0; step < 200; step++)
      ledger.ask(1, [{ bucket: slots('busy', 5), need: 9, want: 9 }], token(), 1e9);
    expect(ledger.size).toBeGreaterThan(0);
  });

  it('corrects what was spent of a budget, both ways, and leaves what calls hold theirs', () => {
    const ledger = new LimitLedger();
    const budget: BucketRef = { ...slots('b', 1_000), dimension: 'cost' };
    const ask = (need: number) => ledger.ask(1, [{ bucket: budget, need, want: need }], token(), 0)[0]!;
    ask(300);
    ledger.commit(1, 'b', 200);
    ledger.correct(budget, 150, 0);
    expect([...ledger.spent()]).toMatchObject([{ id: 'b', nano: 350 }]);
    expect(ask(0).remaining).toBe(550);
    // No more than was spent comes back: the 100 that are held are a call's.
    ledger.correct(budget, -5_000, 0);
    expect([...ledger.spent()]).toEqual([]);
    expect(ask(0).remaining).toBe(900);
    // Of one that nobody asked for yet, too.
    ledger.correct({ ...budget, id: 'c' }, 40, 0);
    expect([...ledger.spent()]).toMatchObject([{ id: 'c', nano: 40 }]);
  });
});
