import { expect, test } from 'vitest';
import { barsOf } from './bars.ts';

const row = (beganMs: number, queueMs: number, headMs: number | null, attemptMs: number) => ({
  beganMs,
  queueMs,
  headMs,
  attemptMs,
});

test('a failed attempt, a pause, and one that answers', () => {
  const [first, second] = barsOf({ totalMs: 100 }, [row(0, 0, null, 20), row(30, 10, 20, 70)]);
  expect(first).toMatchObject({ pauseMs: 0, parts: [{ kind: 'wait', from: 0, width: 0.2, ms: 20 }] });
  expect(second!.pauseMs).toBe(10);
  expect(second!.parts).toEqual([
    { kind: 'queue', from: 0.3, width: 0.1, ms: 10 },
    { kind: 'wait', from: 0.4, width: 0.2, ms: 20 },
    { kind: 'stream', from: 0.6, width: 0.4, ms: 40 },
  ]);
});

test('nothing lies outside, whatever was measured', () => {
  for (const { parts } of barsOf({ totalMs: 10 }, [row(0, 50, 90, 12), row(11, 0, 500, 9)]))
    for (const { from, width } of parts) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(from + width).toBeLessThanOrEqual(1 + 1e-9);
    }
  expect(barsOf({ totalMs: null }, [row(0, 0, null, 0)])[0]!.parts).toEqual([]);
});
