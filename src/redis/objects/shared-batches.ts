// Batches that are under way, in Redis: what a gateway that is gone began is asked after by another. A hash has them, a sorted set when each is
// to be asked after next; who takes one that is long overdue has it alone.
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';

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

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedBatches(config: RedisConfig, deps: BackgroundDeps): SharedBatches {
  const script = new BackgroundScript(config, deps, {
    script: { name: 'hgBatches', lua: SCRIPT },
    failed: 'redis: batches under way are known to this node only',
  });
  const keys = [`${script.prefix}:bw`, `${script.prefix}:bt`];
  return {
    put: (name, row, nextAt) =>
      script.run(keys, ['put', name, row, nextAt, KEPT_MS]).then((told) => told !== null),
    drop: (name) => void script.run(keys, ['drop', name]),
    async take(before, until) {
      const rows = await script.run(keys, ['take', before, until, MOST_TAKEN]);
      return Array.isArray(rows) ? rows.filter((row) => typeof row === 'string') : [];
    },
    close: () => script.close(),
  };
}
