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
  expect(first).toMatchObject({ parts: [{ kind: 'wait', from: 0, width: 0.2, ms: 20 }] });
  expect(second!.parts).toEqual([
    { kind: 'pause', from: 0.2, width: 0.1, ms: 10 },
    { kind: 'queue', from: 0.3, width: 0.1, ms: 10 },
    { kind: 'wait', from: 0.4, width: 0.2, ms: 20 },
    { kind: 'stream', from: 0.6, width: 0.4, ms: 40 },
  ]);
});

test('what it took to connect stands apart from the queue', () => {
  const [line] = barsOf({ totalMs: 100 }, [{ ...row(0, 10, 40, 100), connectMs: 20 }]);
  expect(line!.parts.map(({ kind, ms }) => [kind, ms])).toEqual([
    ['queue', 10],
    ['connect', 20],
    ['wait', 40],
    ['stream', 30],
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
