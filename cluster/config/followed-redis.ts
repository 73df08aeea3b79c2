// Something of ours in the Redis of the configuration, for as long as it is that one: opened anew where the configuration names
// another, closed where it names none. Its client is loaded only by who opens it.
import { isDeepStrictEqual } from 'node:util';
import type { RedisConfig } from '../../src/contracts/redis-config.ts';

export interface FollowedDeps<T> {
  /** Loads the client and begins. */
  readonly open: (redis: RedisConfig) => Promise<T>;
  /** It is there, and what waited for it may go on. */
  readonly opened?: () => void;
  /** It could not be opened: nothing is shared until the configuration names another. */
  readonly failed: (err: unknown) => void;
}

export class Followed<T extends { close(): unknown }> {
  readonly #deps: FollowedDeps<T>;
  #redis: RedisConfig | null = null;
  #opening: Promise<T> | null = null;
  #here: T | null = null;

  constructor(deps: FollowedDeps<T>) {
    this.#deps = deps;
  }

  /** Whether the configuration names one, be it open yet or not. */
  get wanted(): boolean {
    return this.#redis !== null;
  }

  /** Null until it is open, and where none is wanted. */
  get here(): T | null {
    return this.#here;
  }

  /** The one that is wanted now, once it is open; rejects where it cannot be. Null = none is wanted. */
  get opening(): Promise<T> | null {
    return this.#opening;
  }

  /** As the configuration now says; null = none. */
  follow(redis: RedisConfig | null): void {
    if (isDeepStrictEqual(this.#redis, redis)) return;
    this.#leave();
    this.#redis = redis;
    if (redis === null) return;
    const opening = (this.#opening = this.#deps.open(redis));
    opening.then(
      (opened) => {
        // One that was left meanwhile is closed by who left it.
        if (this.#opening !== opening) return;
        this.#here = opened;
        this.#deps.opened?.();
      },
      (err: unknown) => this.#deps.failed(err),
    );
  }

  /** What is wanted stays what it was: nothing is opened again for the same. */
  close(): void {
    this.#leave();
  }

  #leave(): void {
    this.#opening?.then((left) => left.close()).catch(() => undefined);
    this.#opening = this.#here = null;
  }
}
