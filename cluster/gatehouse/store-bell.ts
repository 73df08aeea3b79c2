// Rings at the other gateways when this one wrote to the store that they share, and hears them: by Redis, where both are configured.
// Where each has a store of its own it is looked whether there are others. The Redis client is loaded only then.
import type { LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { RedisConfig } from '../../src/contracts/config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { CommitBell } from '../../src/redis/store/commit-bell.ts';

export interface StoreBell {
  /** The gatehouse wrote to the store. */
  ring(): void;
  /** As the configuration now says; null = no Redis. @param admin where the store lies */
  follow(redis: RedisConfig | null, admin: Pick<AdminConfig, 'enabled' | 'databaseUrl' | 'dataDir'>): void;
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
  let roll: { close(): void } | null = null;

  async function hang(redis: RedisConfig): Promise<void> {
    const { createCommitBell } = await import('../../src/redis/store/commit-bell.ts');
    if (followed === redis) bell = createCommitBell(redis, { clock, log, lookup, heard });
  }

  async function look(redis: RedisConfig, dataDir: string): Promise<void> {
    const { createStoreRoll } = await import('../../src/redis/store/store-roll.ts');
    const name = hostname();
    if (followed === redis)
      roll = createStoreRoll(redis, { clock, log, lookup, name, store: `${name} ${dataDir}` });
  }

  return {
    ring: () => bell?.ring(),
    follow(redis, { enabled, databaseUrl, dataDir }) {
      const wanted = enabled ? redis : null;
      if (isDeepStrictEqual(followed, wanted)) return;
      followed = wanted;
      bell?.close();
      roll?.close();
      bell = roll = null;
      if (wanted === null) return;
      const begun = databaseUrl === null ? look(wanted, dataDir) : hang(wanted);
      begun.catch((err: unknown) =>
        log.error({ err }, 'other gateways cannot be told of changes in the store'),
      );
    },
  };
}
