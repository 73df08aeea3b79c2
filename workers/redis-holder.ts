// The worker's Redis authority across reloads: one at a time, made anew when its configuration changes.
import { isDeepStrictEqual } from 'node:util';
import type { RedisConfig } from '../src/contracts/config.ts';
import type { LimitAuthority, LimitAuthorityObserver } from '../src/contracts/limits.ts';
import type { Clock, LogPort } from '../src/contracts/ports.ts';

type Module = typeof import('../src/stores/redis-authority.ts');

/** Calls that began under the old configuration settle with the old authority for so long. */
const OUTLIVE_MS = 60_000;

export interface RedisHolder {
  readonly loaded: boolean;
  load(): Promise<void>;
  /** @throws when it was not loaded. */
  authority(config: RedisConfig, observer: LimitAuthorityObserver, log: LogPort): LimitAuthority;
  /** Resolves when Redis answers, or after `withinMs`; at once where no counters are there. */
  ready(withinMs: number): Promise<void>;
  /** The counters are elsewhere now: lets go of Redis. @returns its argument. */
  none(other: LimitAuthority): LimitAuthority;
  /** Gives back what is held, within a moment. */
  close(): Promise<void>;
}

export function createRedisHolder(clock: Clock): RedisHolder {
  let module: Module | null = null;
  let held: { config: RedisConfig; authority: ReturnType<Module['createRedisAuthority']> } | null = null;

  function letGo(): void {
    const old = held;
    held = null;
    if (old !== null) setTimeout(() => void old.authority.close(), OUTLIVE_MS).unref();
  }

  return {
    get loaded() {
      return module !== null;
    },
    async load() {
      module = await import('../src/stores/redis-authority.ts');
    },
    authority(config, observer, log) {
      if (held !== null && isDeepStrictEqual(held.config, config)) return held.authority;
      letGo();
      const authority = module!.createRedisAuthority(config, { clock, log, random: Math.random, observer });
      held = { config, authority };
      observer.health(authority.healthy); // not yet: a Redis that is absent at the start counts as down from now on
      return authority;
    },
    async ready(withinMs) {
      await held?.authority.ready(withinMs);
    },
    none(other) {
      letGo();
      return other;
    },
    async close() {
      await held?.authority.close();
    },
  };
}
