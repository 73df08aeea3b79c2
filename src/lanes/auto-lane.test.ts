// A lane with `concurrency: auto`: who gets a slot is decided by how long the provider takes to begin, and streams that are being
// delivered hold nobody up.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { LaneConfig } from '../contracts/provider-config.ts';
import type { LaneSeat } from '../contracts/lane.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createLane } from './lane.ts';

const clock = { now: () => Date.now(), wall: () => Date.now() };

function setUp(lane: Partial<LaneConfig> = {}, part = 1) {
  const config: LaneConfig = {
    concurrency: 40,
    auto: { min: 4 },
    queue: 100,
    queueTimeoutMs: 60_000,
    onFull: 'shed',
    ...lane,
  };
  const wants: string[] = [];
  const made = createLane(makeProvider('p', { lane: config }), {
    upstream: { close: async () => {} } as Upstream,
    clock,
    broker: { gone: false, want: (_, kind, count) => void wants.push(`${kind} ${count}`) },
    share: { run: config.concurrency * part, wait: config.queue * part },
  });
  const running: LaneSeat[] = [];
  const enter = (): void => {
    let seat: LaneSeat | null = null;
    let runs = false;
    seat = made.enter({
      onSlot() {
        runs = true;
        if (seat !== null) running.push(seat);
      },
      onShed() {},
    });
    if (runs) running.push(seat);
  };
  return { lane: made, wants, running, enter, config };
}

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

describe('a lane that finds out its concurrency', () => {
  it('takes fewer calls while the provider refuses them, and says so', () => {
    const { lane, running, enter } = setUp();
    expect(lane.stats().limit).toBe(40);
    for (let at = 0; at < 60; at++) {
      enter();
      const seat = running.pop()!;
      seat.began!('m', true);
      seat.leave();
    }
    expect(lane.stats().limit).toBe(4);
    for (let at = 0; at < 10; at++) enter();
    expect(running).toHaveLength(4);
    expect(lane.stats()).toMatchObject({ inFlight: 4, queued: 6 });
  });

  it('counts those that wait for their first byte: one that is being delivered makes room for the next', () => {
    const { lane, running, enter } = setUp({ concurrency: 8, auto: { min: 4 } });
    for (let at = 0; at < 60; at++) {
      enter();
      running[0]!.began!('m', true);
      running.shift()!.leave();
    }
    for (let at = 0; at < 10; at++) enter();
    expect(running).toHaveLength(4);
    running[0]!.began!('m', false);
    expect(running).toHaveLength(5);
    running[1]!.began!('m', false);
    running[2]!.began!('m', false);
    running[3]!.began!('m', false);
    // The share bounds them all.
    expect(lane.stats()).toMatchObject({ inFlight: 8, queued: 2 });
    expect(running).toHaveLength(8);
  });

  it('keeps count however calls end', () => {
    const { lane, running, enter } = setUp({ concurrency: 4, auto: { min: 4 } });
    for (let at = 0; at < 40; at++) enter();
    for (let at = 0; running.length > 0; at++) {
      const seat = running.shift()!;
      if (at % 3 === 0) seat.began!('m', false);
      if (at % 3 === 1) seat.began!('m', true);
      seat.leave();
      seat.leave();
      seat.began!('m', false);
    }
    expect(lane.stats()).toMatchObject({ inFlight: 0, queued: 0 });
    for (let at = 0; at < 4; at++) enter();
    expect(running).toHaveLength(4);
  });

  it('asks the primary for no slot that the provider is not to get, and gives up what it has of them', () => {
    const { lane, wants, running, enter } = setUp({ concurrency: 80, auto: { min: 8 } }, 0.5);
    for (let at = 0; at < 100; at++) {
      enter();
      const seat = running.pop()!;
      seat.began!('m', true);
      seat.leave();
    }
    // Its part of the floor.
    expect(lane.stats().limit).toBe(4);
    for (let at = 0; at < 20; at++) enter();
    expect(lane.stats()).toMatchObject({ inFlight: 4, queued: 16 });
    expect(wants.filter((want) => want.startsWith('run'))).toEqual([]);
    expect(lane.yieldIdle('run', 100)).toBe(36);
  });

  it('follows a reload, to a number and back', () => {
    const { lane, running, enter, config } = setUp();
    for (let at = 0; at < 60; at++) {
      enter();
      running[0]!.began!('m', true);
      running.shift()!.leave();
    }
    for (let at = 0; at < 10; at++) enter();
    // Those whose answer has begun count no more, whenever it did.
    const { auto: _, ...fixed } = config;
    lane.configure(fixed);
    expect([running.length, lane.stats().limit]).toEqual([10, null]);
    for (const seat of running) seat.began!('m', false);
    lane.configure({ ...config, auto: { min: 40 } });
    expect(lane.stats().limit).toBe(40);
    for (const seat of running.splice(0)) seat.leave();
    for (let at = 0; at < 50; at++) enter();
    expect(running).toHaveLength(40);
  });
});
