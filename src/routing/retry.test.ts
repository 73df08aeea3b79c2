import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RetryConfig } from '../contracts/attempt-config.ts';
import { backoffMs, decideRetry, type RetrySituation } from './retry.ts';

const retries: RetryConfig = { max: 2, backoffMs: 500, maxBackoffMs: 8000, maxAttempts: 5 };
const base: RetrySituation = {
  advice: 'same',
  retryAfterMs: null,
  onTarget: 1,
  overall: 1,
  freshUsed: false,
  otherKey: false,
  waitHelps: false,
  targetsLeft: 1,
  leftMs: 60_000,
  mayRepeat: () => true,
};
const decide = (change: Partial<RetrySituation>) => decideRetry({ ...base, ...change }, retries, 0);

test('a server fault is tried again on the same target with a growing delay, then elsewhere', () => {
  expect(decide({})).toEqual({ kind: 'again', delayMs: 250, freshKey: false });
  expect(decide({ onTarget: 2, overall: 2 })).toEqual({ kind: 'again', delayMs: 500, freshKey: false });
  expect(decide({ onTarget: 3, overall: 3 })).toEqual({ kind: 'next' });
  expect(decide({ onTarget: 3, overall: 3, targetsLeft: 0 })).toEqual({ kind: 'stop' });
});

test('without a repeat left in the budget it goes on at once, and the budget is asked only for a repeat', () => {
  const none = { mayRepeat: () => false };
  expect(decide(none)).toEqual({ kind: 'next' });
  expect(decide({ ...none, targetsLeft: 0 })).toEqual({ kind: 'stop' });
  expect(decide({ ...none, advice: 'key', otherKey: true })).toEqual({ kind: 'next' });
  // A kept connection that closed in the provider's face costs it nothing.
  expect(decide({ ...none, advice: 'fresh' })).toEqual({ kind: 'again', delayMs: 0, freshKey: false });
  const unasked = { mayRepeat: () => expect.unreachable() };
  expect(decide({ ...unasked, advice: 'next' })).toEqual({ kind: 'next' });
  expect(decide({ ...unasked, onTarget: 3, overall: 3 })).toEqual({ kind: 'next' });
});

test('what the client did wrong is answered at once', () => {
  expect(decide({ advice: 'no' })).toEqual({ kind: 'stop' });
});

test('a silent target is never asked again', () => {
  expect(decide({ advice: 'next' })).toEqual({ kind: 'next' });
  expect(decide({ advice: 'next', targetsLeft: 0 })).toEqual({ kind: 'stop' });
});

test('a keep-alive race is repeated at once, but only once', () => {
  expect(decide({ advice: 'fresh' })).toEqual({ kind: 'again', delayMs: 0, freshKey: false });
  expect(decide({ advice: 'fresh', freshUsed: true })).toEqual({
    kind: 'again',
    delayMs: 250,
    freshKey: false,
  });
});

test('a refused key gives way to another one at once', () => {
  expect(decide({ advice: 'key', otherKey: true })).toEqual({ kind: 'again', delayMs: 0, freshKey: true });
  // A wrong key does not get right by waiting; a rate limit may.
  expect(decide({ advice: 'key' })).toEqual({ kind: 'next' });
  expect(decide({ advice: 'key', targetsLeft: 0 })).toEqual({ kind: 'stop' });
  expect(decide({ advice: 'key', waitHelps: true, targetsLeft: 0 })).toMatchObject({
    kind: 'again',
    delayMs: 250,
  });
  expect(decide({ advice: 'key', waitHelps: true, retryAfterMs: 2000 })).toMatchObject({ delayMs: 2000 });
});

test('a Retry-After that is too long, or longer than the call may take, is not waited for', () => {
  expect(decide({ retryAfterMs: 30_000 })).toEqual({ kind: 'next' });
  expect(decide({ retryAfterMs: 5_000, leftMs: 4_000, targetsLeft: 0 })).toEqual({ kind: 'stop' });
});

test('repeats are bounded over all targets, and each target left keeps one attempt', () => {
  expect(decide({ overall: 5, targetsLeft: 0 })).toEqual({ kind: 'stop' });
  expect(decide({ overall: 3, targetsLeft: 1 })).toMatchObject({ kind: 'again' });
  expect(decide({ overall: 3, targetsLeft: 2 })).toEqual({ kind: 'next' });
  expect(decide({ overall: 9, targetsLeft: 1, advice: 'next' })).toEqual({ kind: 'next' });
});

test('a stated Retry-After is never undercut and a back-off never passes its ceiling', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.option(fc.integer({ min: 0, max: 100_000 })),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (onTarget, stated, random) => {
        const delay = backoffMs(onTarget, stated, retries, random);
        if (stated !== null) expect(delay).toBeGreaterThanOrEqual(stated);
        else expect(delay).toBeLessThanOrEqual(retries.maxBackoffMs);
      },
    ),
  );
});
