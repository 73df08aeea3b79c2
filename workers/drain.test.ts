import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type DrainPlan, drain } from './drain.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs a drain on a fake gateway and writes down what happens when. */
async function run(plan: DrainPlan, connections: (now: number) => number): Promise<string[]> {
  const begun = Date.now();
  // A turn of the event loop is a millisecond of the fake clock.
  const now = (): number => Math.floor((Date.now() - begun) / 10) * 10;
  const events: string[] = [];
  const result = drain(
    {
      clock: { now, wall: now },
      gateway: {
        beginDrain: () => void events.push(`${now()} red`),
        stopListening: async () => void events.push(`${now()} closing`),
        drain: async (timeoutMs) => {
          events.push(`${now()} calls have ${timeoutMs}`);
          return 3;
        },
      },
      connections: () => connections(now()),
      onClosed: () => void events.push(`${now()} closed`),
    },
    plan,
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await result).toBe(3);
  return events;
}

describe('drain of a worker', () => {
  it('for a shutdown turns readiness red, waits, closes the listener, and gives calls the time that is left', async () => {
    const events = await run({ reason: 'shutdown', preStopMs: 200, drainTimeoutMs: 5_000 }, () => 1);
    expect(events).toEqual(['0 red', '200 closing', '200 closed', '500 calls have 4700']);
  });

  it('for a roll closes the listener well before readiness turns red, since another worker is ready', async () => {
    const events = await run({ reason: 'roll', preStopMs: 0, drainTimeoutMs: 5_000 }, () => 1);
    expect(events).toEqual(['0 closing', '0 closed', '500 red', '2500 calls have 2500']);
  });

  it('does not linger when nobody is connected, nor after a pre-stop that was long enough', async () => {
    expect(await run({ reason: 'shutdown', preStopMs: 0, drainTimeoutMs: 5_000 }, () => 0)).toContain(
      '0 calls have 5000',
    );
    expect(await run({ reason: 'shutdown', preStopMs: 1_000, drainTimeoutMs: 5_000 }, () => 9)).toContain(
      '1000 calls have 5000',
    );
  });

  it('stops lingering when the last connection is gone', async () => {
    const events = await run({ reason: 'roll', preStopMs: 0, drainTimeoutMs: 5_000 }, (now) =>
      now < 1_000 ? 2 : 0,
    );
    expect(events.at(-1)).toBe('1000 calls have 4000');
  });

  it('never lingers beyond the deadline', async () => {
    const events = await run({ reason: 'orphan', preStopMs: 0, drainTimeoutMs: 100 }, () => 1);
    expect(events.at(-1)).toBe('100 calls have 0');
  });
});
