import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { standstill } from '../ipc/standstill.fixture.ts';
import { createClocks, SWEEP_MS, type Timed } from './clocks.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp() {
  let now = 1_000;
  const clocks = createClocks({ now: () => now, wall: () => 5_000 + now });
  const pass = (ms: number): void => {
    now += ms;
    vi.advanceTimersByTime(ms);
  };
  /** Keeps the times at which it was looked at. */
  const timed = (act: (self: Timed) => void = () => {}) => {
    const ticks: number[] = [];
    const self: Timed = {
      slot: -1,
      tick(at) {
        ticks.push(at);
        act(self);
      },
    };
    return { self, ticks };
  };
  return { clocks, pass, timed };
}

test('tell the times they were given', () => {
  const { clocks, pass } = setUp();
  pass(7);
  expect([clocks.now(), clocks.wall()]).toEqual([1_007, 6_007]);
});

describe('what is watched', () => {
  test('is looked at once a sweep, all of it at one time', () => {
    const { clocks, pass, timed } = setUp();
    const [one, two] = [timed(), timed()];
    clocks.watch(one.self);
    clocks.watch(two.self);
    pass(SWEEP_MS - 1);
    expect(one.ticks).toEqual([]);
    pass(1);
    pass(SWEEP_MS);
    expect(one.ticks).toEqual([1_000 + SWEEP_MS, 1_000 + 2 * SWEEP_MS]);
    expect(two.ticks).toEqual(one.ticks);
  });

  test('is left alone once it is not', () => {
    const { clocks, pass, timed } = setUp();
    const [one, two] = [timed(), timed()];
    clocks.watch(one.self);
    clocks.watch(two.self);
    clocks.unwatch(one.self);
    pass(SWEEP_MS);
    expect([one.ticks.length, two.ticks.length]).toEqual([0, 1]);
  });

  test('may leave while it is looked at, and keeps nobody from being looked at', () => {
    const { clocks, pass, timed } = setUp();
    const all = Array.from({ length: 5 }, (_, at) =>
      timed((self) => (at % 2 === 0 ? clocks.unwatch(self) : undefined)),
    );
    for (const { self } of all) clocks.watch(self);
    pass(SWEEP_MS);
    pass(SWEEP_MS);
    expect(all.map(({ ticks }) => ticks.length)).toEqual([1, 2, 1, 2, 1]);
  });
});

test('what came while this process stood still is there when it is looked', async () => {
  vi.useRealTimers();
  const standStill = await standstill();
  const clocks = createClocks({ now: () => performance.now(), wall: () => 0 });
  const log: string[] = [];
  clocks.watch({ slot: -1, tick: () => void log.push('looked') });
  await standStill(8 * SWEEP_MS, () => log.push('read'));
  clocks.close();
  expect(log).toEqual(['read', 'looked']);
});

describe('the sweep', () => {
  test('runs only while somebody is watched: an idle worker does not wake', () => {
    const { clocks, pass, timed } = setUp();
    expect(vi.getTimerCount()).toBe(0);
    const one = timed();
    clocks.watch(one.self);
    expect(vi.getTimerCount()).toBe(1);
    clocks.unwatch(one.self);
    pass(SWEEP_MS);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('begins again with the next', () => {
    const { clocks, pass, timed } = setUp();
    const [one, two] = [timed(), timed()];
    clocks.watch(one.self);
    clocks.unwatch(one.self);
    pass(SWEEP_MS);
    clocks.watch(two.self);
    pass(SWEEP_MS);
    expect(two.ticks).toEqual([1_000 + 2 * SWEEP_MS]);
  });

  test('is one, however many are watched', () => {
    const { clocks, timed } = setUp();
    for (let at = 0; at < 3; at++) clocks.watch(timed().self);
    expect(vi.getTimerCount()).toBe(1);
  });

  test('keeps no process alive', () => {
    vi.useRealTimers();
    const clocks = createClocks({ now: () => 0, wall: () => 0 });
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    clocks.watch({ slot: -1, tick() {} });
    expect(timers()).toBe(before);
    clocks.close();
  });

  test('ends when they are closed, and whoever was watched is free to be watched by others', () => {
    const { clocks, pass, timed } = setUp();
    const one = timed();
    clocks.watch(one.self);
    clocks.close();
    expect(vi.getTimerCount()).toBe(0);
    pass(SWEEP_MS);
    expect(one.ticks).toEqual([]);
    expect(one.self.slot).toBe(-1);
  });
});
