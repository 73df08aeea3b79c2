// Batches that are under way, in Redis: what a gateway that is gone began is asked after by another. A hash has them, a sorted set when each is
// to be asked after next; who takes one that is long overdue has it alone.
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';

const SCRIPT = `
if ARGV[1] == 'put' then
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  return 1
end
if ARGV[1] == 'drop' then
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('ZREM', KEYS[2], ARGV[2])
  return 1
end
local rows = {}
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, ARGV[4])) do
  local row = redis.call('HGET', KEYS[1], name)
  if row then
    rows[#rows + 1] = row
    redis.call('ZADD', KEYS[2], ARGV[3], name)
  else
    redis.call('ZREM', KEYS[2], name)
  end
end
return rows
`;
/** Of all of them, since the last was put there. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** That one gateway takes at a time. */
const MOST_TAKEN = 100;

export interface SharedBatches {
  /** @param nextAt when its gateway asks after it, ms since 1970 @returns whether it is there now; never rejects */
  put(name: string, row: string, nextAt: number): Promise<boolean>;
  drop(name: string): void;
  /** Rows that were to be asked after before `before` and are now nobody else's until `until`. Never rejects. */
  take(before: number, until: number): Promise<string[]>;
  close(): void;
}

export interface SharedBatchesDeps {
  clock: Clock;
  log: LogPort;
  lookup?: LookupFunction | undefined;
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedBatches(
  config: RedisConfig,
  { clock, log, lookup }: SharedBatchesDeps,
): SharedBatches {
  const prefix = taggedPrefix(redisPlace(config).prefix ?? 'headgate');
  const keys = [`${prefix}:bw`, `${prefix}:bt`];
  const gate = new LineGate(log, clock);
  const failed = (fault: string, reason: string): void =>
    gate.say('warn', { fault, reason }, 'redis: batches under way are known to this node only');
  const client = createBackgroundClient(
    config,
    { name: 'hgBatches', lua: SCRIPT },
    { ready: () => undefined, down: () => undefined, error: failed },
    lookup,
  );

  /** Null: it failed, and the log says so. */
  async function run(...args: (string | number)[]): Promise<unknown> {
    if (!client.ready) return null;
    try {
      return await client.run('hgBatches', keys, args);
    } catch (error) {
      failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
      return null;
    }
  }

  return {
    put: (name, row, nextAt) => run('put', name, row, nextAt, KEPT_MS).then((told) => told !== null),
    drop: (name) => void run('drop', name),
    async take(before, until) {
      const rows = await run('take', before, until, MOST_TAKEN);
      return Array.isArray(rows) ? rows.filter((row) => typeof row === 'string') : [];
    },
    close() {
      client.close();
      gate.close();
    },
  };
}
