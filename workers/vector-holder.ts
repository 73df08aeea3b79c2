// The store of vectors that a configuration names, across reloads: one at a time, made anew when what is said of it changes.
import type { Clock, LogPort } from '../src/contracts/ports.ts';
import type { VectorIndex, VectorsConfig, VectorStore } from '../src/contracts/vectors.ts';
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

/** Its driver is loaded by those alone who name it; the first call finds it there. */
function storeOf(config: VectorsConfig): VectorStore {
  const store = load(config);
  store.catch(() => undefined); // each that asks hears of it
  return {
    search: (wanted) => store.then((there) => there.search(wanted)),
    add: (row) => store.then((there) => there.add(row)),
    remove: (id) => store.then((there) => there.remove(id)),
    sweep: (nowMs) => store.then((there) => there.sweep(nowMs)),
    close: () => store.then((there) => there.close()),
  };
}

async function load(config: VectorsConfig): Promise<VectorStore> {
  switch (config.store) {
    case 'qdrant':
      return (await import('../src/vectors/qdrant.ts')).createQdrant(config);
    case 'redis':
      return (await import('../src/vectors/redis-search.ts')).createRedisSearch(config);
    case 'postgres':
      return (await import('../src/vectors/pgvector.ts')).createPgvector(config);
  }
}
