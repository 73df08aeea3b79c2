// Rings at the other gateways when this one wrote to the store that they share, and hears them: by Redis, where both are configured.
// The Redis client is loaded only then.
import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { RedisConfig } from '../src/contracts/config.ts';
import type { Clock } from '../src/contracts/ports.ts';
import type { Log } from '../src/observability/log.ts';
import type { CommitBell } from '../src/redis/store/commit-bell.ts';

export interface StoreBell {
  /** The gatehouse wrote to the store. */
  ring(): void;
  /** As the configuration now says; null = no Redis, or a store of this gateway alone. */
  follow(redis: RedisConfig | null): void;
}

export interface StoreBellDeps {
  clock: Clock;
  log: Log;
  lookup?: LookupFunction | undefined;
  /** Others may have written: the gatehouse should look. */
  heard(): void;
}

export function createStoreBell({ clock, log, lookup, heard }: StoreBellDeps): StoreBell {
  let followed: RedisConfig | null = null;
  let bell: CommitBell | null = null;

  async function hang(redis: RedisConfig): Promise<void> {
    const { createCommitBell } = await import('../src/redis/store/commit-bell.ts');
    if (followed === redis) bell = createCommitBell(redis, { clock, log, lookup, heard });
  }

  return {
    ring: () => bell?.ring(),
    follow(redis) {
      if (isDeepStrictEqual(followed, redis)) return;
      followed = redis;
      bell?.close();
      bell = null;
      if (redis !== null)
        hang(redis).catch((err: unknown) =>
          log.error({ err }, 'other gateways cannot be told of changes in the store'),
        );
    },
  };
}
