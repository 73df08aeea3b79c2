// A connection for what no call waits for: returns of the dead, rests that are shared.
import type { LookupFunction } from 'node:net';
import { redisPlace } from '../config/redis-url.ts';
import type { RedisConfig } from '../contracts/redis-config.ts';
import type { Clock, LogPort } from '../contracts/ports.ts';
import { createRedisClient, type RedisClient, type RedisEvents, type RedisScript } from './client.ts';
import { redisDeadlines } from './deadlines.ts';

const MAX_RECONNECT_MS = 500;

/** Of whoever has one. */
export interface BackgroundDeps {
  readonly clock: Clock;
  readonly log: LogPort;
  /** For connections by name; own look-ups by default. */
  readonly lookup?: LookupFunction | undefined;
}

export function createBackgroundClient(
  config: RedisConfig,
  script: RedisScript,
  events: RedisEvents,
  lookup: LookupFunction | undefined,
): RedisClient {
  const deadlines = redisDeadlines(config.timeoutMs);
  return createRedisClient(redisPlace(config), [script], events, {
    commandTimeoutMs: deadlines.backgroundMs,
    socketTimeoutMs: deadlines.silentMs,
    connectTimeoutMs: deadlines.connectMs,
    maxReconnectMs: MAX_RECONNECT_MS,
    lookup,
  });
}
