// Rings at the other gateways when this one wrote to the store that they share, and hears them: by Redis, where both are configured.
// Where each has a store of its own it is looked whether there are others. The Redis client is loaded only then.
import type { LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import { Followed } from '../config/followed-redis.ts';

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

/** What hangs in Redis: a bell, or of a store of our own a name in a roll, which rings nothing. */
interface Hung {
  ring(): void;
  close(): void;
}

export function createStoreBell({ clock, log, lookup, heard }: StoreBellDeps): StoreBell {
  const name = hostname();
  let place: Pick<AdminConfig, 'databaseUrl' | 'dataDir'> = { databaseUrl: null, dataDir: '' };

  async function open(redis: RedisConfig): Promise<Hung> {
    if (place.databaseUrl !== null) {
      const { createCommitBell } = await import('../../src/redis/store/commit-bell.ts');
      return createCommitBell(redis, { clock, log, lookup, heard });
    }
    const store = `${name} ${place.dataDir}`;
    const { createStoreRoll } = await import('../../src/redis/store/store-roll.ts');
    const roll = createStoreRoll(redis, { clock, log, lookup, name, store });
    return { ring: () => undefined, close: () => roll.close() };
  }

  const followed = new Followed<Hung>({
    open,
    failed: (err) => log.error({ err }, 'other gateways cannot be told of changes in the store'),
  });

  return {
    ring: () => followed.here?.ring(),
    follow(redis, admin) {
      place = admin;
      followed.follow(admin.enabled ? redis : null);
    },
  };
}
