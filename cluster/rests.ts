// One seam for all that rests: what a worker finds out goes to the other workers and, where Redis is configured, to the
// other nodes; what they found out goes to all workers here. The Redis client is loaded only where it is wanted.
import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { RedisConfig } from '../src/contracts/config.ts';
import type { Clock } from '../src/contracts/ports.ts';
import type { Rest } from '../src/contracts/rests.ts';
import type { Log } from '../src/observability/log.ts';
import type { SharedRests } from '../src/redis/rests/shared-rests.ts';
import type { Life } from './life.ts';
import { createRestBook } from './rest-book.ts';

export interface GroupRests {
  /** A worker was refused. */
  heard(rest: Rest, from: Life): void;
  /** All that rests now, with what is left of its time. */
  current(): Rest[];
  /** Shares with other nodes as the configuration now says; null = with none. */
  follow(redis: RedisConfig | null): void;
}

export interface GroupRestsDeps {
  clock: Clock;
  log: Log;
  lookup?: LookupFunction | undefined;
  lives(): readonly Life[];
}

export function createGroupRests({ clock, log, lookup, lives }: GroupRestsDeps): GroupRests {
  const book = createRestBook(() => clock.now());
  let followed: RedisConfig | null = null;
  let shared: SharedRests | null = null;

  /** @param from heard it first, and knows. */
  function tell(rest: Rest, from: Life | null): boolean {
    if (!book.add(rest)) return false;
    for (const life of lives()) if (life !== from) life.send({ t: 'rest', rest });
    return true;
  }

  async function share(redis: RedisConfig): Promise<void> {
    const { createSharedRests } = await import('../src/redis/rests/shared-rests.ts');
    if (followed !== redis) return;
    shared = createSharedRests(redis, {
      clock,
      log,
      lookup,
      learned: (rest) => void tell(rest, null),
      known: () => book.current(),
    });
  }

  return {
    heard(rest, from) {
      if (tell(rest, from)) shared?.tell(rest);
    },
    current: () => book.current(),
    follow(redis) {
      if (isDeepStrictEqual(followed, redis)) return;
      followed = redis;
      shared?.close();
      shared = null;
      if (redis !== null)
        share(redis).catch((err: unknown) => log.error({ err }, 'rests cannot be shared with other nodes'));
    },
  };
}
