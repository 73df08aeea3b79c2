// What the cache needs from outside: a Redis that all workers and nodes share.
import type { CachedAnswer, CachePurge } from './cache.ts';
import type { IndexRow } from './vectors.ts';

/** Kept answers in a Redis. Nothing here rejects, and nobody waits for it longer than a call may. */
export interface RemoteAnswers {
  /** False: it cannot be asked now, and is not. */
  readonly ready: boolean;
  /** Null: there is none, it is of another version, or Redis did not say in time. */
  get(id: string): Promise<CachedAnswer | null>;
  /** Resolves when it is there, or is not going to be. */
  put(entry: CachedAnswer): Promise<void>;
  /** @returns how many went; null = it could not be asked. */
  purge(wanted: CachePurge): Promise<number | null>;
}

/** What workers and nodes tell each other of the answers they keep. */
export type CacheNews = { kind: 'asked'; row: IndexRow } | { kind: 'purged'; wanted: CachePurge };

export interface CacheNewsPort {
  /** Nobody waits for it. @param keep so many of the last stay for who comes later. */
  tell(news: CacheNews, keep: number): void;
}
