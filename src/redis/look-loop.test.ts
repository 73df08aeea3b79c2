import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LookLoop } from './look-loop.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('looks when the last look said, sooner where it is brought forward, and never twice at once', async () => {
  let end: (nextMs: number) => void = () => undefined;
  const look = vi.fn(() => new Promise<number>((resolve) => (end = resolve)));
  const loop = new LookLoop({ look, failed: () => 0 });
  loop.lookIn(400);
  loop.lookIn(10);
  await vi.advanceTimersByTimeAsync(10);
  expect([look.mock.calls.length, loop.looking]).toEqual([1, true]);
  loop.lookIn(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(look).toHaveBeenCalledTimes(1);
  end(300);
  await vi.advanceTimersByTimeAsync(299);
  expect(look).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(look).toHaveBeenCalledTimes(2);
  loop.close();
  end(0);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([look.mock.calls.length, loop.closed]).toEqual([2, true]);
});

it('goes on behind a look that failed, as it is told', async () => {
  const look = vi.fn(() => Promise.reject(new Error('gone')));
  const failed = vi.fn(() => 500);
  const loop = new LookLoop({ look, failed });
  loop.lookIn(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(failed).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(look).toHaveBeenCalledTimes(2);
  loop.close();
});
