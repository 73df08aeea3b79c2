import { expect, test } from 'vitest';
import { firstFailure, frontier, type Step } from './frontier.ts';

const step = (concurrency: number, perSecond: number, p99Ms: number, rest: Partial<Step> = {}): Step => ({
  concurrency,
  perSecond,
  p99Micros: p99Ms * 1000,
  failed: 0,
  void: null,
  ...rest,
});
const sweep = [step(1, 1000, 0.4), step(2, 1900, 0.9), step(4, 3000, 1), step(8, 2800, 6)];

test('a bound is not reached by a p99 that equals it', () => {
  expect(frontier(sweep, 1)?.concurrency).toBe(2);
});
test('the most requests count, not the highest concurrency', () => {
  expect(frontier(sweep, 10)?.concurrency).toBe(4);
  expect(frontier(sweep, null)?.concurrency).toBe(4);
});
test('a step with one failure does not count', () => {
  const failing = [...sweep, step(16, 9000, 0.1, { failed: 1 })];
  expect(frontier(failing, 1)?.concurrency).toBe(2);
  expect(firstFailure(failing)?.concurrency).toBe(16);
});
test('a void step does not count', () => {
  expect(frontier([step(1, 9000, 0.1, { void: 'generator busy' })], null)).toBeNull();
});
test('nothing under the bound is nothing', () => {
  expect(frontier(sweep, 0.3)).toBeNull();
  expect(frontier([], null)).toBeNull();
  expect(firstFailure(sweep)).toBeNull();
});
