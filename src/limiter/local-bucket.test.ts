import { describe, expect, test } from 'vitest';
import type { Bucket, Grant, LimitAuthority, LimitRule } from '../contracts/limits.ts';
import { LocalBucket } from './local-bucket.ts';
import type { RuleMeter } from './meter.ts';

const GRANT: Grant = { granted: 5, remaining: 900, retryAfterMs: 0, resetMs: 0, lifeMs: 1_000 };

function setUp(dimension: LimitRule['dimension']) {
  const back: { units: number; token: string }[] = [];
  const match = { key: null, model: null, provider: null };
  const rule = {
    dimension,
    limit: 1_000,
    burst: 1_000,
    spacingMs: 1,
    per: [],
    match,
  } as unknown as LimitRule;
  const authority = {
    giveBack: (_bucket: Bucket, units: number, token: string) => void back.push({ units, token }),
  } as unknown as LimitAuthority;
  const bucket = new LocalBucket({ rule } as Bucket, () => 2, authority, {} as RuleMeter);
  const putBack = (now: number): void => {
    if (dimension === 'concurrent') bucket.putBackSlot('first', now);
    else bucket.putBack(1, () => 'first', now);
  };
  return { bucket, back, putBack };
}

describe.each(['concurrent', 'requests'] as const)('a lease of %s', (dimension) => {
  test('is half of a hundredth where two share it', () => {
    expect(setUp(dimension).bucket.lease).toBe(5);
  });

  test('is never more, though what was spent came back while it was asked for', () => {
    const { bucket, back, putBack } = setUp(dimension);
    bucket.granted(GRANT, 5, 'first', 0);
    for (let call = 0; call < 3; call++) bucket.spend(1);
    // A refill of three is asked for; the calls end before it comes.
    for (let call = 0; call < 3; call++) putBack(10);
    bucket.granted(GRANT, 3, 'second', 20);
    expect(bucket.available).toBe(5);
    expect(back.reduce((sum, { units }) => sum + units, 0)).toBe(3);
    expect(back.every(({ token }) => token === 'second')).toBe(true);
  });
});
