import { expect, test, vi } from 'vitest';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import { createSharedMachines } from './shared-machines.ts';

test('while Redis is away so many letters wait for it, and no more', async () => {
  vi.useFakeTimers();
  const nothing = (): void => undefined;
  const config: RedisConfig = { url: 'redis://nowhere.example:6379', mode: 'lease', onFailure: 'open' };
  const machines = createSharedMachines(config, {
    clock: { now: () => Date.now(), wall: () => Date.now() },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    here: 'a'.repeat(12),
    heard: () => null,
    // Nobody answers.
    lookup: () => undefined,
  });
  try {
    const ask = (): Promise<string | null> => machines.ask('b'.repeat(12), 'owner', 'token 0 take claim');
    const asked = Array.from({ length: 1_000 }, ask);
    const waits = Promise.resolve('waits');
    expect(await Promise.race([asked[0], waits])).toBe('waits');
    await vi.advanceTimersByTimeAsync(2_001); // behind the reads of that turn
    expect(new Set(await Promise.all(asked))).toEqual(new Set([null]));
    // Their letters are there still: nothing is written behind them.
    expect(await Promise.race([ask(), waits])).toBeNull();
  } finally {
    machines.close();
    vi.useRealTimers();
  }
});
