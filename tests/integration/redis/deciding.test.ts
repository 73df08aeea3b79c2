// F01: Redis goes through the suite of those who decide limits. The scripts run as they are: only the `redis` they call is
// one whose TIME is what the test says, and whose keys outlive a test that is slower than its own clock (a key ends when
// nothing is owed any more, so one that stays decides nothing else).
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe } from 'vitest';
import { meterPace } from '../../../src/limits/meter.ts';
import { ASK_SCRIPT } from '../../../src/redis/limits/ask-script.ts';
import { AskCalls, askAnswer, askRow } from '../../../src/redis/limits/ask-wire.ts';
import { KeyNames, type WireAsk, wireBucket } from '../../../src/redis/limits/limit-keys.ts';
import { BACK_SCRIPT } from '../../../src/redis/limits/limit-scripts.ts';
import { type Decider, describeAlike, describeDecider, type Pace } from '../../conformance/authority.ts';
import { ledger, localPolicy, redisModel } from '../../conformance/deciders.ts';
import { token } from './authority-kit.ts';
import { type RedisServer, startRedis } from './redis-server.ts';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.port, '127.0.0.1');
  redis.on('error', () => undefined);
});

afterAll(async () => {
  redis.disconnect();
  await server.close();
});

/** In front of a script: the last argument is the time, in us. */
const CLOCK = `
local server, said = redis, tonumber(ARGV[#ARGV])
local redis = {}
function redis.call(command, ...)
  if command == 'TIME' then
    local seconds = math.floor(said / 1000000)
    return { string.format('%.0f', seconds), string.format('%.0f', said - seconds * 1000000) }
  end
  local args = { ... }
  if command == 'SET' and args[3] == 'PX' then args[4] = '3600000' end
  return server.call(command, unpack(args))
end
`;

let made = 0;

/** A gateway's Redis, in keys of its own. */
function realRedis(): Decider {
  const names = new KeyNames(`{d${made++}}`);
  const calls = new AskCalls(names, 60_000);
  const prefix = names.record.slice(0, -':t:'.length);
  const bucketOf = (id: string, pace: Pace) => wireBucket(`${prefix}:r:${id}`, meterPace(pace), 1e9, 1e9);
  const run = (script: string, keys: readonly string[], args: readonly (string | number)[], nowMs: number) =>
    redis.eval(CLOCK + script, keys.length, ...keys, ...args, nowMs * 1000);
  return {
    async ask(asks, now) {
      const parts = asks.map(({ bucket, pace, need }): WireAsk => {
        return { bucket: bucketOf(bucket, pace), need, want: need };
      });
      const { keys, args } = calls.of([{ parts, token: token() }]);
      const answer = askAnswer(await run(ASK_SCRIPT, keys, args, now), parts.length)!;
      if (answer[0] !== now * 1000) throw new Error(`decided at ${answer[0]} us`);
      return asks.map((_, at) => {
        const { granted, waitUs } = askRow(answer, at);
        return { granted, waitMs: waitUs / 1000 };
      });
    },
    async back(bucket, pace, units, now) {
      const { spacingUs, spacingFrac, burst } = meterPace(pace);
      await run(BACK_SCRIPT, [`${prefix}:r:${bucket}`], ['r', units, spacingUs, spacingFrac, burst], now);
    },
  };
}

describeDecider('Redis', realRedis);

describe('one arithmetic', () => {
  describeAlike('Redis and its model', () => [realRedis(), redisModel()]);
  describeAlike('Redis and the embedded ledger', () => [realRedis(), ledger()]);
  describeAlike('Redis and the local policy', () => [realRedis(), localPolicy()]);
});
