import { expect, test } from 'vitest';
import type { ProcessHistory } from '../../api/cluster-history.ts';
import { increments, linesOf } from './lines.ts';

function history(node: string, worker: number | null, delays: (number | null)[]): ProcessHistory {
  return {
    node,
    worker,
    values: { loopDelayMs: delays, memoryBytes: delays, connections: delays, restarts: delays },
  };
}

test('few processes have a line each, named by their machine where there are several', () => {
  const one = [history('a', null, [null, null]), history('a', 0, [1, 2]), history('a', 1, [null, 3])];
  expect(linesOf(one, 'loopDelayMs').map(({ label }) => label)).toEqual(['worker 0', 'worker 1']);
  const two = [history('a', 0, [1]), history('b', null, [1])];
  expect(linesOf(two, 'memoryBytes').map(({ label }) => label)).toEqual(['a worker 0', 'b primary']);
});

test('of many those that reach highest have one, and the others one together', () => {
  const many = Array.from({ length: 9 }, (_, at) => history('a', at, [at, at === 0 ? 50 : null]));
  const lines = linesOf(many, 'loopDelayMs');
  expect(lines.map(({ label }) => label)).toEqual([
    'worker 0',
    'worker 8',
    'worker 7',
    'worker 6',
    'worker 5',
    'worker 4',
    'highest of 3 others',
  ]);
  expect(lines.at(-1)!.values).toEqual([3, null]);
});

test('restarts are told where they happened', () => {
  expect(increments([null, 2, 2, null, 5, 1])).toEqual([null, 0, 0, null, 3, 1]);
});
