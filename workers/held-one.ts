// What a configuration names, across reloads: one at a time, made anew when what is said of it changes. Calls that began with the old
// one go on with it for a while.
import { isDeepStrictEqual } from 'node:util';

export interface HeldOne<C, T> {
  /**
   * The one of this configuration; null: none is named.
   *
   * @param make only where the one that is held is another's
   */
  of(config: C | null, make: (config: C) => T): T | null;
  /** Ends the one that is held. */
  close(): void;
}

/** @param outliveMs how long one that nobody names any more is kept; 0 = it ends at once. */
export function createHeldOne<C, T extends { close(): unknown }>(outliveMs: number): HeldOne<C, T> {
  let held: { config: C; one: T } | null = null;
  return {
    of(config, make) {
      if (held !== null && isDeepStrictEqual(held.config, config)) return held.one;
      const old = held;
      held = null;
      if (old !== null) {
        if (outliveMs === 0) old.one.close();
        else setTimeout(() => void old.one.close(), outliveMs).unref();
      }
      if (config !== null) held = { config, one: make(config) };
      return held?.one ?? null;
    },
    close() {
      held?.one.close();
    },
  };
}
