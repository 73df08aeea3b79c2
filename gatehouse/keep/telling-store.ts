// The store, as all of the gatehouse writes to it: what was committed is told at once, here and to the other gateways, and does not
// wait for the database to say so.
import type { Store } from '../../src/contracts/store.ts';

/** @param told objects were changed */
export function createTellingStore(store: Store, told: () => void): Store {
  return {
    ...store,
    async commit(changes, event) {
      const done = await store.commit(changes, event);
      if (done.ok && changes.length > 0) told();
      return done;
    },
  };
}
