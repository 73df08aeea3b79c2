// The store, as all of the gatehouse writes to it: what was committed is told at once, here and to the other gateways, and does not
// wait for the database to say so. Who made a key has it in hand when workers are being told of it, and not before.
import type { ObjectKind, Store } from '../../src/contracts/store.ts';

/** What workers know of beside the configuration. */
const KNOWN: ReadonlySet<ObjectKind> = new Set<ObjectKind>([
  ...(['key', 'limit', 'budget', 'credit'] as const),
  ...(['organization', 'team', 'user', 'customer', 'project'] as const),
]);

/**
 * @param told objects were changed; resolves when it was said
 * @param heard resolves when the workers go by it: whoever made a key, or blocked one, may count on it then
 */
export function createTellingStore(
  store: Store,
  told: () => Promise<void>,
  heard: () => Promise<void>,
): Store {
  return {
    ...store,
    async commit(changes, event) {
      const done = await store.commit(changes, event);
      if (!done.ok || changes.length === 0) return done;
      await told();
      if (changes.some(({ kind }) => KNOWN.has(kind))) await heard();
      return done;
    },
  };
}
