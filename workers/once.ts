// Asks the primary who may do what is done once. It answers when it knows: with a Redis that is away later.
import type { ToPrimary } from '../src/contracts/ipc.ts';
import type { Once } from '../src/contracts/once.ts';

/** Questions that wait; beyond them nobody may. */
const MAX_OPEN = 10_000;

export interface PrimaryOnce extends Once {
  /** The primary's answer. */
  taken(ask: number, mine: boolean): void;
}

/** @param send false: there is no primary to hear it. */
export function createPrimaryOnce(send: (message: ToPrimary) => boolean): PrimaryOnce {
  const open = new Map<number, (mine: boolean) => void>();
  let next = 1;
  return {
    take(id, way) {
      if (open.size >= MAX_OPEN) return Promise.resolve(false);
      const ask = next++;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      open.set(ask, resolve);
      if (!send({ t: 'take', ask, id, way })) {
        open.delete(ask);
        resolve(false);
      }
      return promise;
    },
    taken(ask, mine) {
      open.get(ask)?.(mine);
      open.delete(ask);
    },
  };
}
