import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHeldOne } from './held-one.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const maker = () => {
  const closed: string[] = [];
  const make = ({ url }: { url: string }) => ({ url, close: () => closed.push(url) });
  return { closed, make };
};

it('is the same for a configuration that says the same, and another one for another', () => {
  const { closed, make } = maker();
  const held = createHeldOne<{ url: string }, ReturnType<typeof make>>(60_000);
  const first = held.of({ url: 'a' }, make);
  expect(held.of({ url: 'a' }, make)).toBe(first);
  expect(held.of({ url: 'b' }, make)!.url).toBe('b');
  // Calls that began with it still have it.
  vi.advanceTimersByTime(59_999);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(closed).toEqual(['a']);
});

it('ends at once where nothing waits for it, and when it is no more named', () => {
  const { closed, make } = maker();
  const held = createHeldOne<{ url: string }, ReturnType<typeof make>>(0);
  held.of({ url: 'a' }, make);
  expect(held.of(null, make)).toBeNull();
  expect(closed).toEqual(['a']);
  held.of({ url: 'b' }, make);
  held.close();
  expect(closed).toEqual(['a', 'b']);
});
