// Rows on their way to those who watch: whoever is there hears of each batch once it is written, and nobody waits for them.
import type { LoggedRow } from '../../src/contracts/log-store.ts';

export interface LogTail {
  /** Of rows that have just been written, in their order. */
  written(rows: readonly LoggedRow[]): void;
  /** @returns stops it */
  watch(heard: (rows: readonly LoggedRow[]) => void): () => void;
  readonly watchers: number;
}

export function createLogTail(): LogTail {
  const watchers = new Set<(rows: readonly LoggedRow[]) => void>();
  return {
    written(rows) {
      for (const heard of watchers) heard(rows);
    },
    watch(heard) {
      watchers.add(heard);
      return () => void watchers.delete(heard);
    },
    get watchers() {
      return watchers.size;
    },
  };
}
