// The store of vectors that a configuration names, across reloads: one at a time, made anew when what is said of it changes.
import { isDeepStrictEqual } from 'node:util';
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { VectorIndex, VectorsConfig, VectorStore } from '../src/contracts/vectors.ts';
import { createQdrant } from '../src/vectors/qdrant.ts';
import { createRemoteIndex, type RemoteIndex } from '../src/vectors/remote-index.ts';

/** Calls that began with the old one go on with it for so long. */
const OUTLIVE_MS = 60_000;

export interface VectorHolder {
  /** Null: none is named. @param failed it could not be asked, or not in time */
  index(config: VectorsConfig | null, failed: () => void): VectorIndex | null;
}

export function createVectorHolder(clock: Clock, log: LogPort): VectorHolder {
  let held: { config: VectorsConfig; index: RemoteIndex } | null = null;
  return {
    index(config, failed) {
      if (held !== null && isDeepStrictEqual(held.config, config)) return held.index;
      const old = held;
      held = null;
      if (old !== null) setTimeout(() => void old.index.close().catch(() => undefined), OUTLIVE_MS).unref();
      if (config === null) return null;
      const { timeoutMs } = config;
      const index = createRemoteIndex({ store: storeOf(config), timeoutMs, clock, log, failed });
      held = { config, index };
      return index;
    },
  };
}

function storeOf(config: VectorsConfig): VectorStore {
  if (config.store === 'qdrant') return createQdrant(config);
  // The driver is loaded by those alone who name it; the first call finds it there.
  const store = import('../src/vectors/pgvector.ts').then(({ createPgvector }) => createPgvector(config));
  store.catch(() => undefined); // each that asks hears of it
  return {
    search: (wanted) => store.then((there) => there.search(wanted)),
    add: (row) => store.then((there) => there.add(row)),
    remove: (id) => store.then((there) => there.remove(id)),
    sweep: (nowMs) => store.then((there) => there.sweep(nowMs)),
    close: () => store.then((there) => there.close()),
  };
}
