// The store of vectors that a configuration names, across reloads: one at a time, made anew when what is said of it changes.
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { VectorIndex, VectorsConfig, VectorStore } from '../src/contracts/vectors.ts';
import { createQdrant } from '../src/vectors/qdrant.ts';
import { createRemoteIndex, type RemoteIndex } from '../src/vectors/remote-index.ts';
import { createHeldOne } from './held-one.ts';

/** Calls that began with the old one go on with it for so long. */
const OUTLIVE_MS = 60_000;

export interface VectorHolder {
  /** Null: none is named. @param failed it could not be asked, or not in time */
  index(config: VectorsConfig | null, failed: () => void): VectorIndex | null;
}

export function createVectorHolder(clock: Clock, log: LogPort): VectorHolder {
  const held = createHeldOne<VectorsConfig, RemoteIndex>(OUTLIVE_MS);
  return {
    index: (config, failed) =>
      held.of(config, (named) => {
        const { timeoutMs } = named;
        return createRemoteIndex({ store: storeOf(named), timeoutMs, clock, log, failed });
      }),
  };
}

function storeOf(config: VectorsConfig): VectorStore {
  if (config.store === 'qdrant') return createQdrant(config);
  // A driver is loaded by those alone who name its store; the first call finds it there.
  return inTime(
    config.store === 'redis'
      ? import('../src/vectors/redis-search.ts').then(({ createRedisSearch }) => createRedisSearch(config))
      : import('../src/vectors/pgvector.ts').then(({ createPgvector }) => createPgvector(config)),
  );
}

function inTime(store: Promise<VectorStore>): VectorStore {
  store.catch(() => undefined); // each that asks hears of it
  return {
    search: (wanted) => store.then((there) => there.search(wanted)),
    add: (row) => store.then((there) => there.add(row)),
    remove: (id) => store.then((there) => there.remove(id)),
    sweep: (nowMs) => store.then((there) => there.sweep(nowMs)),
    close: () => store.then((there) => there.close()),
  };
}
