import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerWheel, type WheelClock, type WheelEntry } from './timer-wheel.ts';

/** A clock that stands until told: `advance` runs what comes due on the way. */
function handClock(): WheelClock & { advance(ms: number): void } {
  let now = 0;
  let armed: { at: number; run: () => void } | null = null;
  return {
    nowMs: () => now,
    after(ms, run) {
      const mine = { at: now + ms, run };
      armed = mine;
      return () => {
        if (armed === mine) armed = null;
      };
    },
    advance(ms) {
      const until = now + ms;
      while (armed !== null && armed.at <= until) {
        const { at, run } = armed;
        armed = null;
        now = Math.max(now, at);
        run();
      }
      now = until;
    },
  };
}

const entry = (tick: () => void): WheelEntry => ({ dueMs: 0, tick });

describe('timer wheel', () => {
  it('runs every entry once, at its millisecond, however far away it is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 50 }), (dues) => {
        const clock = handClock();
        const wheel = new TimerWheel(clock);
        const ran: number[] = [];
        for (const due of dues) {
          wheel.add(
            entry(() => ran.push(clock.nowMs() - due)),
            due,
          );
        }
        clock.advance(6000);
        expect(ran).toEqual(dues.map(() => 0));
      }),
    );
  });

  it('keeps the pace of an entry that puts itself back', () => {
    const clock = handClock();
    const wheel = new TimerWheel(clock);
    const at: number[] = [];
    const self = entry(() => {
      at.push(clock.nowMs());
      if (at.length < 100) wheel.add(self, at.length * 20 + 20);
    });
    wheel.add(self, 20);
    clock.advance(3000);
    expect(at).toEqual(Array.from({ length: 100 }, (_, i) => (i + 1) * 20));
  });

  it('runs in the next turn what is put back for a moment that has passed', () => {
    const clock = handClock();
    const wheel = new TimerWheel(clock);
    let turns = 0;
    const self = entry(() => {
      if (++turns < 3) wheel.add(self, 0);
    });
    wheel.add(self, 5);
    clock.advance(10);
    expect(turns).toBe(3);
  });

  it('spreads what began together, within the slack', () => {
    const clock = handClock();
    const wheel = new TimerWheel(clock);
    const at = new Map<number, number>();
    for (let i = 0; i < 80; i++) {
      wheel.addSpread(
        entry(() => at.set(clock.nowMs(), (at.get(clock.nowMs()) ?? 0) + 1)),
        20,
        9,
      );
    }
    clock.advance(100);
    expect([...at.keys()]).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect(Math.max(...at.values())).toBeLessThanOrEqual(9);
  });
});
