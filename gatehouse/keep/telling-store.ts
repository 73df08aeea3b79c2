// The store, as all of the gatehouse writes to it: what was committed is told at once, here and to the other gateways, and does not
// wait for the database to say so. Who made a key has it in hand when workers are being told of it, and not before.
import type { Store } from '../../src/contracts/store.ts';

/** @param told objects were changed; resolves when it was said */
export function createTellingStore(store: Store, told: () => Promise<void>): Store {
  return {
    ...store,
    async commit(changes, event) {
      const done = await store.commit(changes, event);
      if (done.ok && changes.length > 0) await told();
      return done;
    },
  };
}
