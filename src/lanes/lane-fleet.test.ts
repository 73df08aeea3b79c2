// Several workers' lanes of one provider around a primary that hands share about with delays: whatever happens in
// whatever order, the numbers of the whole gateway hold and every caller hears exactly one thing.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeProvider } from '../../tests/kit/provider-config.ts';
import type { LaneSeat } from '../contracts/lane.ts';
import type { Upstream } from '../contracts/upstream.ts';
import { createLane, type WorkerLane } from './lane.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

type Kind = 'run' | 'wait';

interface Caller {
  seat: LaneSeat | null;
  heard: ('slot' | 'shed')[];
  left: boolean;
}

class Fleet {
  readonly lanes: WorkerLane[];
  readonly callers: Caller[] = [];
  /** Messages between workers and primary that have not arrived. */
  readonly wire: (() => void)[] = [];
  readonly free: Record<Kind, number>;
  /** Granted but not arrived. */
  readonly travelling: Record<Kind, number> = { run: 0, wait: 0 };
  readonly totals: Record<Kind, number>;

  constructor(workers: number, concurrency: number, queue: number) {
    this.totals = { run: concurrency, wait: queue };
    this.free = { run: 0, wait: 0 };
    const part = (total: number, index: number) =>
      Math.floor(total / workers) + (index < total % workers ? 1 : 0);
    const provider = makeProvider('p', {
      lane: { concurrency, queue, queueTimeoutMs: 400, onFull: 'shed' },
    });
    this.lanes = Array.from({ length: workers }, (_, index) =>
      createLane(provider, {
        upstream: { close: async () => {} } as Upstream,
        clock: { now: () => Date.now(), wall: () => Date.now() },
        broker: {
          gone: false,
          want: (_lane, kind, count) => void this.wire.push(() => this.#serve(index, kind, count)),
        },
        share: { run: part(concurrency, index), wait: part(queue, index) },
      }),
    );
  }

  /** Takes from what is free, then from the idle of the others; the answer travels. */
  #serve(asker: number, kind: Kind, count: number): void {
    let got = Math.min(count, this.free[kind]);
    this.free[kind] -= got;
    this.lanes.forEach((lane, index) => {
      if (index !== asker && got < count) got += lane.yieldIdle(kind, count - got);
    });
    this.travelling[kind] += got;
    this.wire.push(() => {
      this.travelling[kind] -= got;
      this.lanes[asker]!.grant(kind, got);
    });
  }

  enter(worker: number, leaveAtOnce: boolean): void {
    const caller: Caller = { seat: null, heard: [], left: false };
    this.callers.push(caller);
    caller.seat = this.lanes[worker]!.enter({
      onSlot: () => {
        caller.heard.push('slot');
        if (!leaveAtOnce) return;
        caller.left = true;
        caller.seat?.leave();
      },
      onShed: () => void caller.heard.push('shed'),
    });
    if (caller.left) caller.seat.leave();
  }

  leave(nth: number): void {
    const open = this.callers.filter((caller) => !caller.left && caller.heard[0] !== 'shed');
    const caller = open[nth % Math.max(1, open.length)];
    if (caller === undefined) return;
    caller.left = true;
    caller.seat!.leave();
    caller.seat!.leave();
  }

  check(): void {
    const sum = (pick: (lane: WorkerLane) => number) => this.lanes.reduce((all, lane) => all + pick(lane), 0);
    const running = this.callers.filter(({ heard, left }) => heard[0] === 'slot' && !left).length;
    const waiting = this.callers.filter(({ heard, left }) => heard.length === 0 && !left).length;
    expect(sum((lane) => lane.stats().inFlight)).toBe(running);
    expect(sum((lane) => lane.stats().queued)).toBe(waiting);
    expect(running).toBeLessThanOrEqual(this.totals.run);
    for (const { heard } of this.callers) expect(heard.length).toBeLessThanOrEqual(1);
    const held = (kind: Kind) => (kind === 'run' ? 'runShare' : 'waitShare');
    for (const kind of ['run', 'wait'] as const) {
      const all = sum((lane) => lane.stats()[held(kind)]) + this.free[kind] + this.travelling[kind];
      expect(all).toBe(this.totals[kind]);
    }
    for (const lane of this.lanes) {
      const { inFlight, runShare } = lane.stats();
      expect(inFlight).toBeLessThanOrEqual(runShare);
    }
  }

  deliver(count: number): void {
    for (let n = 0; n < count && this.wire.length > 0; n++) this.wire.shift()!();
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('enter' as const), worker: fc.nat(2), brief: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), nth: fc.nat(20) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 300 }) }),
  },
);

describe('the lanes of all workers together', () => {
  it('never run more than the concurrency, lose no caller and leak no slot', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        (workers, concurrency, queue, steps) => {
          const fleet = new Fleet(workers, concurrency, queue);
          for (const one of steps) {
            if (one.do === 'enter') fleet.enter(one.worker % workers, one.brief);
            else if (one.do === 'leave') fleet.leave(one.nth);
            else if (one.do === 'deliver') fleet.deliver(one.count);
            else vi.advanceTimersByTime(one.ms);
            fleet.check();
          }
          // Whoever runs leaves, the rest is served or turned away in time.
          for (let round = 0; round < 40; round++) {
            for (const caller of fleet.callers) {
              if (caller.heard[0] !== 'slot' || caller.left) continue;
              caller.left = true;
              caller.seat!.leave();
            }
            fleet.deliver(100);
            vi.advanceTimersByTime(60);
            fleet.check();
          }
          for (const { heard, left } of fleet.callers) expect(left || heard.length === 1).toBe(true);
          for (const lane of fleet.lanes) expect(lane.stats()).toMatchObject({ inFlight: 0, queued: 0 });
          expect(vi.getTimerCount()).toBe(0);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('let exactly concurrency + queue stay when everyone comes to the worker that holds the least', () => {
    for (const [workers, concurrency, queue] of [
      [3, 1, 0],
      [3, 1, 2],
      [4, 2, 5],
      [2, 7, 3],
    ] as const) {
      const fleet = new Fleet(workers, concurrency, queue);
      for (let n = 0; n < concurrency + queue + 4; n++) fleet.enter(workers - 1, false);
      fleet.deliver(1000);
      const heard = fleet.callers.map((caller) => caller.heard[0] ?? 'waits');
      expect(heard.filter((what) => what === 'slot')).toHaveLength(concurrency);
      expect(heard.filter((what) => what === 'waits')).toHaveLength(queue);
      expect(heard.filter((what) => what === 'shed')).toHaveLength(4);
    }
  });

  it('serve one call after the other whichever worker each comes to', () => {
    const fleet = new Fleet(4, 1, 0);
    for (let n = 0; n < 40; n++) {
      fleet.enter((n * 7) % 4, false);
      fleet.deliver(1000);
      expect(fleet.callers.at(-1)!.heard).toEqual(['slot']);
      fleet.leave(0);
    }
  });
});
