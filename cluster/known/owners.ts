// Whose objects are, for all workers here: in memory and, where Redis is configured, there for all nodes and for longer than
// this process lives. The Redis client is loaded only where it is wanted.
import type { LookupFunction } from 'node:net';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { ObjectOwner } from '../../src/contracts/objects.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { SharedOwners } from '../../src/redis/objects/shared-owners.ts';
import { Followed } from '../config/followed-redis.ts';

/** About 250 bytes each: 50 MB. Who is forgotten first was noted first. */
const MAX_OWNERS = 200_000;

export interface Owners {
  /** @param anew it counts only where nobody, here or on another node, is known whose it is. */
  note(id: string, owner: ObjectOwner, anew?: true): void;
  /** In the order of `ids`. */
  find(ids: readonly string[]): (ObjectOwner | null)[] | Promise<(ObjectOwner | null)[]>;
  /** Shares with other nodes as the configuration now says; null = with none. */
  follow(redis: RedisConfig | null): void;
}

export interface OwnersDeps {
  clock: Clock;
  log: Log;
  lookup?: LookupFunction | undefined;
}

/** @param max objects that are kept in mind. */
export function createOwners({ clock, log, lookup }: OwnersDeps, max = MAX_OWNERS): Owners {
  const known = new Map<string, ObjectOwner>();
  const followed = new Followed<SharedOwners>({
    async open(redis) {
      const { createSharedOwners } = await import('../../src/redis/objects/shared-owners.ts');
      return createSharedOwners(redis, { clock, log, lookup });
    },
    failed: (err) => log.error({ err }, 'owners of objects cannot be shared with other nodes'),
  });

  function keep(id: string, owner: ObjectOwner): void {
    known.delete(id);
    known.set(id, owner);
    if (known.size <= max) return;
    for (const [oldest] of known) return void known.delete(oldest);
  }

  return {
    note(id, owner, anew) {
      if (anew === true && known.has(id)) return;
      const shared = followed.here;
      // Of two nodes only Redis knows which was first: it is asked for what is not known here.
      if (anew !== true || shared?.ready !== true) keep(id, owner);
      shared?.put(id, owner, anew);
    },
    find(ids) {
      const found = ids.map((id) => known.get(id) ?? null);
      const shared = followed.here;
      const missing = ids.filter((_, at) => found[at] === null);
      if (shared === null || missing.length === 0) return found;
      return shared.many(missing).then((told) => {
        for (const [at, owner] of told.entries()) if (owner !== null) keep(missing[at]!, owner);
        return ids.map((id) => known.get(id) ?? null);
      });
    },
    follow: (redis) => followed.follow(redis),
  };
}
