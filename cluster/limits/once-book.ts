// What is done once, for all workers here: in memory and over a restart (once.json of the data folder), and in Redis where several
// gateways share one. The Redis client is loaded only where it is wanted.
import { hash, randomUUID } from 'node:crypto';
import type { LookupFunction } from 'node:net';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';
import type { Clock } from '../../src/contracts/ports.ts';
import type { Log } from '../../src/observability/log.ts';
import type { SharedOnce } from '../../src/redis/objects/shared-once.ts';
import { Followed } from '../config/followed-redis.ts';
import { createKeptText, keptRows } from './kept-text.ts';

/** Name of the file in the data folder. */
export const ONCE_FILE = 'once.json';
/** About 60 bytes each. What was done first is forgotten first. */
const MAX_DONE = 20_000;

export interface OnceBook {
  take(id: string, way: string | null): Promise<boolean>;
  /** Shares with other gateways as the configuration now says; null = with none. */
  follow(redis: RedisConfig | null): void;
  /** Writes what is left to write. */
  close(): void;
}

export interface OnceBookDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly lookup?: LookupFunction | undefined;
}

export function createOnceBook(
  { clock, log, lookup }: OnceBookDeps,
  folder: string,
  max = MAX_DONE,
): OnceBook {
  const done = new Map<string, string>();
  let text: string | null = null;
  const followed = new Followed<SharedOnce>({
    async open(redis) {
      const { createSharedOnce } = await import('../../src/redis/objects/shared-once.ts');
      return createSharedOnce(redis, { clock, log, lookup });
    },
    failed: (err) => log.error({ err }, 'what is charged once cannot be shared'),
  });
  const kept = createKeptText(folder, ONCE_FILE, {
    text: () => (text ??= JSON.stringify([...done])),
    empty: '[]',
    failed: (err, file) => log.warn({ err, file }, 'what was charged once cannot be kept over a restart'),
  });
  for (const [id, value] of keptRows(kept.read(), isRow)) done.set(id, value);
  kept.start();

  function putHere(id: string, value: string): string {
    const before = done.get(id);
    if (before !== undefined) return before;
    done.set(id, value);
    text = null;
    if (done.size > max) for (const oldest of done.keys()) if (done.delete(oldest)) break;
    return value;
  }

  async function put(id: string, value: string): Promise<string | null> {
    const here = done.get(id);
    const shared = followed.opening;
    if (here !== undefined || shared === null) return putHere(id, value);
    // A gateway that is configured anew meanwhile asks where it is to ask then.
    const there = await shared.then((redis) => redis.put(id, value));
    return there === null ? put(id, value) : putHere(id, there);
  }

  return {
    async take(id, way) {
      const value = way === null ? `!${randomUUID()}` : way;
      return (await put(hash('sha256', id, 'base64url').slice(0, 22), value)) === value;
    },
    follow: (redis) => followed.follow(redis),
    close() {
      followed.close();
      kept.close();
    },
  };
}

const isRow = (row: unknown): row is [string, string] =>
  Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'string';
