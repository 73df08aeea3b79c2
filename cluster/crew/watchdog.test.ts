import { describe, expect, it } from 'vitest';
import { Life } from './life.ts';
import { createWatchdog, TICK_MS } from './watchdog.ts';

function serving(now: number): Life {
  const life = new Life(1, 0, now);
  life.said();
  life.serves(now);
  return life;
}

/** Checks each second from `from` to `to`; returns when and why the life was given up. */
function watch(life: Life, from: number, to: number, watchdogMs: number): { at: number; why: string } | null {
  const watchdog = createWatchdog();
  for (let now = from; now <= to; now += TICK_MS) {
    const [found] = watchdog.check([life], now, watchdogMs);
    if (found !== undefined) return { at: now, why: found.why };
  }
  return null;
}

describe('watchdog', () => {
  it('P07: gives up a worker that was silent for longer than the configured time', () => {
    const found = watch(serving(0), 0, 60_000, 10_000);
    expect(found?.at).toBe(11_000);
    expect(found?.why).toMatch(/no sign of life for 11000 ms/);
  });

  it('does not take the pause between two beats for silence, however short the configured time', () => {
    expect(watch(serving(0), 0, 2_000, 1_000)).toBeNull();
  });

  it('gives up a worker that never gets ready, silent or not', () => {
    const life = new Life(1, 0, 0);
    expect(watch(life, 0, 60_000, 10_000)?.why).toMatch(/not ready/);
  });

  it('has patience with a worker that gets no core to start on, and not for ever', () => {
    const given = (share: number): number => {
      const life = new Life(1, 0, 0);
      let now = 0;
      const watchdog = createWatchdog(() => now * share);
      for (; now <= 400_000; now += TICK_MS) if (watchdog.check([life], now, 10_000).length > 0) return now;
      return now;
    };
    // It runs for half of the time, a tenth, next to never.
    expect([0, 0.5, 0.9, 0.999].map(given)).toEqual([31_000, 61_000, 300_000 + TICK_MS, 300_000 + TICK_MS]);
  });

  it('gives up a draining worker only after its deadline, if it beats', () => {
    const life = serving(0);
    life.drain({ reason: 'shutdown', preStopMs: 0, drainTimeoutMs: 20_000 }, 25_000);
    const watchdog = createWatchdog();
    for (let now = 0; now <= 25_000; now += TICK_MS) {
      life.lastBeatAt = now;
      expect(watchdog.check([life], now, 10_000)).toEqual([]);
    }
    life.lastBeatAt = 26_000;
    expect(watchdog.check([life], 26_000, 10_000)[0]?.why).toMatch(/drain deadline/);
  });

  it('kills nobody when the primary itself stood still: the beats are only unread', () => {
    const life = serving(0);
    const watchdog = createWatchdog();
    expect(watchdog.check([life], 1_000, 10_000)).toEqual([]);
    expect(watchdog.check([life], 100_000, 10_000)).toEqual([]);
    // From then on silence counts again.
    let killedAt = 0;
    for (let now = 101_000; now <= 120_000 && killedAt === 0; now += TICK_MS) {
      if (watchdog.check([life], now, 10_000).length > 0) killedAt = now;
    }
    expect(killedAt).toBe(111_000);
  });
});
