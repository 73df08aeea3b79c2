// What is done once, in Redis: over all gateways that share it, and for as long as providers keep what it is about. Asked by the
// primary, again and again while Redis is away: what nobody can say is not guessed.
import { createHash } from 'node:crypto';
import type { RedisConfig } from '../../contracts/redis-config.ts';
import type { BackgroundDeps } from '../background.ts';
import { BackgroundScript } from '../background-script.ts';

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

/** Connects at once, and again whenever the connection is lost, until closed. */
export function createSharedOnce(config: RedisConfig, deps: BackgroundDeps): SharedOnce {
  const script = new BackgroundScript(config, deps, {
    script: { name: 'hgOnce', lua: SCRIPT },
    failed: 'redis: what batches used is charged once it can be asked again',
  });
  let closed = false;
  return {
    async put(id, value) {
      const key = `${script.prefix}:on:${createHash('sha256').update(id).digest('base64url')}`;
      while (!closed) {
        const told = await script.run([key], [value, KEPT_MS]);
        if (told !== null) return String(told);
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
      }
      return null;
    },
    close() {
      closed = true;
      script.close();
    },
  };
}
