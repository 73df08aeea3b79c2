import { describe, expect, test } from 'vitest';
import { ThreadQueue } from './thread-queue.ts';

interface Named {
  name: string;
  isNew: boolean;
  bytes: number;
}

const body = (name: string, bytes = 100): Named => ({ name, isNew: true, bytes });
const step = (name: string, bytes = 100): Named => ({ name, isNew: false, bytes });

/** A queue whose threads took `ms` of work for a body of 100 bytes, ten times. */
function known(ms: number, threads = 1): ThreadQueue<Named> {
  const queue = new ThreadQueue<Named>(threads);
  for (let at = 0; at < 10; at++) queue.done(body('done'), ms, 0);
  return queue;
}

describe('what waits for a thread', () => {
  test('comes in its order, steps of calls that were begun before new bodies', () => {
    const queue = new ThreadQueue<Named>(1);
    for (const job of [body('a'), step('b'), body('c'), step('d')]) queue.add(job);
    expect([queue.size, queue.bytes]).toEqual([4, 400]);
    expect(Array.from({ length: 5 }, () => queue.take()?.name)).toEqual(['b', 'd', 'a', 'c', undefined]);
    expect([queue.size, queue.bytes]).toEqual([0, 0]);
  });

  test('leaves once', () => {
    const queue = new ThreadQueue<Named>(1);
    const job = body('a');
    queue.add(job);
    expect([queue.remove(job), queue.remove(job), queue.bytes]).toEqual([true, false, 0]);
    queue.add(step('b'));
    queue.add(body('c'));
    expect([queue.clear().map(({ name }) => name), queue.size, queue.bytes]).toEqual([['b', 'c'], 0, 0]);
  });
});

describe('what the next body would wait', () => {
  test('is what waits times what a body took of late, over all threads', () => {
    const [one, two] = [known(50), known(50, 2)];
    for (const queue of [one, two]) for (let at = 0; at < 4; at++) queue.add(body('waits'));
    expect([one.waitMs, two.waitMs]).toEqual([200, 100]);
  });

  test('counts the later steps of a call with its body, and no steps that wait', () => {
    const queue = known(50);
    for (let at = 0; at < 10; at++) queue.done(step('later'), 50, 0);
    queue.add(step('waits', 10_000));
    expect(queue.waitMs).toBe(0);
    queue.add(body('waits'));
    expect(queue.waitMs).toBe(100);
  });

  test('is not said of little work, and forgotten with time', () => {
    const queue = known(39);
    queue.add(body('waits'));
    expect(queue.waitMs).toBe(0);
    queue.done(body('done'), 100, 0);
    expect(queue.waitMs).toBeGreaterThan(0);
    for (let at = 0; at < 10; at++) queue.done(body('done'), 100, 10_000);
    expect(queue.waitMs).toBeCloseTo(100, 0);
  });
});
