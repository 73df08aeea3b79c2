import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { inTime } from './in-time.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const after = (ms: number): Promise<string> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms, 'told');
  });

it('gives what comes, and leaves no timer behind', async () => {
  const told = inTime(after(39), 40);
  await vi.advanceTimersByTimeAsync(39);
  expect(await told).toBe('told');
  expect(vi.getTimerCount()).toBe(0);
});

it('waits no longer than it may', async () => {
  const told = inTime(after(1_000), 40);
  await vi.advanceTimersByTimeAsync(40);
  // The turn of the event loop behind it.
  await vi.advanceTimersByTimeAsync(1);
  expect(await told).toBe('late');
});

it('what is there in the turn in which the time is up was in time', async () => {
  let come = (_told: string): void => {};
  const told = inTime(new Promise<string>((resolve) => (come = resolve)), 40);
  setTimeout(() => come('told'), 40);
  await vi.advanceTimersByTimeAsync(40);
  expect(await told).toBe('told');
});
