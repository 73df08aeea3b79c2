// What is done once, in Redis: over all gateways that share it, and for as long as providers keep what it is about. Asked by the
// primary, again and again while Redis is away: what nobody can say is not guessed.
import { createHash } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../../config/redis-url.ts';
import type { RedisConfig } from '../../contracts/config.ts';
import type { Clock, LogPort } from '../../contracts/ports.ts';
import { LineGate } from '../../observability/line-gate.ts';
import { createBackgroundClient } from '../background.ts';
import { faultOf, type RedisClient } from '../client.ts';
import { taggedPrefix } from '../key-prefix.ts';

/** KEYS: one. ARGV: who asks, or in which way; life in ms. @returns what stands there now */
const SCRIPT = `
redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
return redis.call('GET', KEYS[1])
`;
const KEPT_MS = 90 * 24 * 3_600_000;
const AGAIN_MS = 500;

export interface SharedOnce {
  /** What stands under the id from now on: `value`, where nothing did. Null: it was closed. */
  put(id: string, value: string): Promise<string | null>;
  close(): void;
}

export interface SharedOnceDeps {
  clock: Clock;
  log: LogPort;
  lookup?: LookupFunction | undefined;
}

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedOnce(config: RedisConfig, { clock, log, lookup }: SharedOnceDeps): SharedOnce {
  const prefix = `${taggedPrefix(redisPlace(config).prefix ?? 'headgate')}:on:`;
  const gate = new LineGate(log, clock);
  let closed = false;
  const failed = (fault: string, reason: string): void =>
    gate.say('warn', { fault, reason }, 'redis: what batches used is charged once it can be asked again');
  const client: RedisClient = createBackgroundClient(
    config,
    { name: 'hgOnce', lua: SCRIPT },
    { ready: () => undefined, down: () => undefined, error: failed },
    lookup,
  );
  return {
    async put(id, value) {
      const key = prefix + createHash('sha256').update(id).digest('base64url');
      while (!closed) {
        if (client.ready) {
          try {
            return String(await client.run('hgOnce', [key], [value, KEPT_MS]));
          } catch (error) {
            failed(faultOf(error), (error instanceof Error ? error.message : String(error)).slice(0, 200));
          }
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
      }
      return null;
    },
    close() {
      closed = true;
      client.close();
      gate.close();
    },
  };
}
