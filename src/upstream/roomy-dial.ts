// Dialling while file descriptors are short: the next socket finds one, although clients wait for it (http/descriptor-gate).
import type { Dial } from './dial.ts';

/** @param makeRoom called right before a socket is made: at once for an address, when it was looked up for a name. */
export function roomyDial(dial: Dial, makeRoom: () => void): Dial {
  return (listener) => {
    makeRoom();
    return dial(listener).on('lookup', makeRoom);
  };
}
