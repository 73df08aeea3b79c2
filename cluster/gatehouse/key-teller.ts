// Keeps every worker at the list of keys that is in force. A channel keeps its order, so a worker knows what it was sent.
import type { KeyDelta } from '../../src/contracts/directory.ts';
import { type KeyList, keyDelta } from '../config/key-list.ts';
import type { Life } from '../crew/life.ts';

export interface KeyTeller {
  /** What the worker lacks, which is to be sent to it now; null = nothing. */
  untold(life: Life): KeyDelta | null;
  /** Sends to each what it lacks. One that loads gets it with its first configuration. */
  tell(lives: readonly Life[]): void;
}

/** @param inForce the list that workers are to have */
export function createKeyTeller(inForce: () => KeyList): KeyTeller {
  // Most lack the same: it is worked out once.
  let last: { from: KeyList | null; to: KeyList; delta: KeyDelta } | null = null;

  function untold(life: Life): KeyDelta | null {
    const from = life.keys;
    const to = inForce();
    if (from === to) return null;
    if (last === null || last.from !== from || last.to !== to) last = { from, to, delta: keyDelta(from, to) };
    life.keys = to;
    return last.delta;
  }

  return {
    untold,
    tell(lives) {
      for (const life of lives) {
        if (life.state === 'loading') continue;
        const keys = untold(life);
        if (keys !== null) life.send({ t: 'keys', keys });
      }
    },
  };
}
