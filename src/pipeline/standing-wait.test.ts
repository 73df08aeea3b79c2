import { describe, expect, test } from 'vitest';
import { StandingWait } from './standing-wait.ts';

const [HIGH, NORMAL, LOW, BATCH] = [0, 1, 2, 3] as const;
const CLASSES = [HIGH, NORMAL, LOW, BATCH] as const;

function waitOf(maxMs: number) {
  const wait = new StandingWait();
  wait.follow(maxMs);
  return {
    wait,
    /** So long, a look each 10 ms. */
    stands(waitMs: number, ms: number) {
      for (let passed = 0; passed < ms; passed += 10) wait.note(waitMs, 10);
      return wait.standing;
    },
    refused: (waitMs: number) => CLASSES.filter((rank) => wait.refuses(rank, waitMs)),
  };
}

describe('a wait', () => {
  test('that passes refuses nobody, one that stands the lowest class first', () => {
    const { stands, refused } = waitOf(100);
    expect([stands(150, 390), refused(150)]).toEqual([false, []]);
    expect([stands(150, 10), refused(150)]).toEqual([true, [NORMAL, LOW, BATCH]]);
    expect([refused(64), refused(65), refused(80), refused(100), refused(299), refused(300)]).toEqual([
      [],
      [BATCH],
      [LOW, BATCH],
      [NORMAL, LOW, BATCH],
      [NORMAL, LOW, BATCH],
      [...CLASSES],
    ]);
  });

  test('stands until it is half of what is allowed', () => {
    const { stands } = waitOf(100);
    expect([stands(150, 400), stands(50, 500), stands(49, 10)]).toEqual([true, true, false]);
    expect([stands(150, 390), stands(99, 10), stands(150, 390)]).toEqual([false, false, false]);
  });

  test('of a burst has its bound too', () => {
    const { refused } = waitOf(100);
    expect([refused(999), refused(1_000)]).toEqual([[], [...CLASSES]]);
  });

  test('behind a long pause counts as a short one', () => {
    const { wait } = waitOf(100);
    wait.note(150, 10_000);
    expect(wait.standing).toBe(false);
  });

  test('that stood when the last call came is forgotten when none came for a while', () => {
    const { wait, stands, refused } = waitOf(100);
    expect(stands(150, 400)).toBe(true);
    wait.note(150, 1_999);
    expect(wait.standing).toBe(true);
    wait.note(150, 2_000);
    expect([wait.standing, refused(150)]).toEqual([false, []]);
  });

  test('is over when nothing waits any more', () => {
    const { wait, stands } = waitOf(100);
    expect(stands(150, 400)).toBe(true);
    wait.end();
    expect([wait.standing, stands(150, 390)]).toEqual([false, false]);
  });

  test('without a bound refuses nobody, also when the bound is taken away', () => {
    const { wait, stands, refused } = waitOf(100);
    expect(stands(150, 400)).toBe(true);
    wait.follow(0);
    expect([wait.standing, refused(1e9), stands(150, 1_000)]).toEqual([false, [], false]);
  });
});
