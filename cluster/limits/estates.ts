// What workers would leave behind (src/limiter/estate.ts): the primary is told, and gives it back to Redis when one of them
// dies. A worker that ends by itself has withdrawn all of it. Redis and its client are reached only when there is something.
import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { redisPrint } from '../../src/config/redis-print.ts';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { BucketWire, EstateRow } from '../../src/contracts/ipc.ts';
import type { Bucket } from '../../src/contracts/limits.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { RedisReturns } from '../../src/redis/limits/returns.ts';

/** Of one worker; it keeps to fewer. */
const MAX_BUCKETS = 50_000;
/** For what is still to be said to a Redis that is not ours any more. */
const LAST_MS = 5_000;

export interface Estates {
  /** A worker says what would come back of some buckets. @param place names the Redis its counters are in */
  heard(member: number, place: string, rows: readonly EstateRow[]): void;
  /** The worker is gone: what it has not withdrawn is given back. */
  leave(member: number): void;
  /** The Redis the counters are in now; null = none. */
  follow(redis: RedisConfig | null): void;
  /** Resolves when all is given back, or after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

export interface EstatesDeps {
  clock: Clock;
  log: Log;
  lookup?: LookupFunction | undefined;
  /** Loads the client; replaced by tests. */
  connect?: (redis: RedisConfig) => Promise<RedisReturns>;
}

interface Member {
  readonly place: string;
  readonly rows: Map<string, EstateRow>;
}

export function createEstates(deps: EstatesDeps): Estates {
  const { log } = deps;
  const members = new Map<number, Member>();
  let followed: RedisConfig | null = null;
  let returns: Promise<RedisReturns> | null = null;

  return {
    heard(member, place, rows) {
      let known = members.get(member);
      // Counters that moved: what is still claimed of the old ones is not given back to the new.
      if (known === undefined || known.place !== place) {
        if (place !== printOf(followed)) return;
        members.set(member, (known = { place, rows: new Map() }));
      }
      for (const row of rows) {
        const [[id], units] = row;
        if (!(units > 0)) known.rows.delete(id);
        else if (known.rows.has(id) || known.rows.size < MAX_BUCKETS) known.rows.set(id, row);
      }
      log.debug({ member, buckets: known.rows.size }, 'limits: a worker says what it would leave behind');
    },
    leave(member) {
      const left = members.get(member);
      members.delete(member);
      if (left === undefined || left.rows.size === 0 || left.place !== printOf(followed)) return;
      const rows = [...left.rows.values()];
      log.info({ buckets: rows.length }, 'limits: what a worker had reserved is given back');
      returns ??= (deps.connect ?? ((redis) => load(redis, deps)))(followed!);
      returns
        .then((to) => to.giveBack(rows.map(([wire, units]) => [bucketOf(wire), units])))
        .catch((err: unknown) => {
          returns = null;
          log.error({ err }, 'limits: what a worker had reserved cannot be given back');
        });
    },
    follow(redis) {
      if (isDeepStrictEqual(redis, followed)) return;
      followed = redis;
      returns?.then((to) => to.close(LAST_MS)).catch(() => undefined);
      returns = null;
    },
    async close(withinMs) {
      await returns?.then((to) => to.close(withinMs)).catch(() => undefined);
    },
  };
}

async function load(redis: RedisConfig, { clock, log, lookup }: EstatesDeps): Promise<RedisReturns> {
  const { createRedisReturns } = await import('../../src/redis/limits/returns.ts');
  return createRedisReturns(redis, { clock, log, lookup, random: Math.random });
}

function printOf(redis: RedisConfig | null): string {
  return redis === null ? '' : redisPrint(redis);
}

function bucketOf([id, dimension, limit, spacingMs, burst, version, endsAtMs]: BucketWire): Bucket {
  const match = { key: null, model: null, provider: null };
  return {
    id,
    version,
    rule: {
      name: id,
      dimension,
      per: [],
      match,
      limit,
      periodMs: 0,
      burst,
      spacingMs,
      ...(endsAtMs === undefined ? {} : { endsAtMs }),
    },
  };
}
