// Names a Redis by what it was configured with, in a hash that shows nothing of it: two processes that say the same name
// mean the same counters.
import { hash } from 'node:crypto';
import type { RedisConfig } from '../contracts/redis-config.ts';

export function redisPrint({ url }: Pick<RedisConfig, 'url'>): string {
  return hash('sha256', url, 'base64url').slice(0, 22);
}
