// From the spool into the log, batch after batch: each is written together with how far its file was read, so that a
// gatehouse that dies anywhere leaves nothing out and writes nothing twice.
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import { StoreDown } from '../../src/contracts/store.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { LogStore } from '../../src/stores/log/log-store.ts';
import { folderId, isFinished, readBatch, removeFile, spoolFiles } from './spool-reader.ts';

const LOOK_MS = 500;
/** Of a batch's own time, between batches: whoever asks is answered, and no more than a third of a core is taken from calls. */
const BREATHS = 2;
const MIN_BREATH_MS = 2;

export interface IngestDeps {
  readonly store: Pick<LogStore, 'write' | 'places' | 'forget'>;
  readonly folder: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** ms since 1970. */
  now(): number;
  /** Rows that are in the log now. */
  written(rows: readonly LoggedRow[]): void;
}

export interface Ingest {
  start(): void;
  /** Reads what is there now; for tests, and before the end. */
  round(): Promise<void>;
  /** Resolves when what was begun is done. */
  stop(): Promise<void>;
}

export function createIngest({ store, folder, log, now, written }: IngestDeps): Ingest {
  /** How far each file was read; null = to be asked. */
  let places: Map<string, number> | null = null;
  const broken = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let down = false;
  let id: string | null = null;
  const keyOf = (name: string): string => `${id}/${name}`;

  async function round(): Promise<void> {
    const files = await spoolFiles(folder);
    if (files.length === 0 && places?.size === 0) return;
    id ??= await folderId(folder);
    places ??= await ownPlaces(id);
    const gone = [...places.keys()].filter((name) => !files.includes(name));
    if (gone.length > 0) {
      await store.forget(gone.map(keyOf));
      for (const name of gone) places.delete(name);
    }
    for (const name of files) {
      if (stopped) return;
      await readFile(name, files, places);
    }
  }

  /** Gateways that share a database have a folder each. */
  async function ownPlaces(own: string): Promise<Map<string, number>> {
    const all = [...(await store.places())].filter(([key]) => key.startsWith(`${own}/`));
    return new Map(all.map(([key, place]) => [key.slice(own.length + 1), place]));
  }

  async function readFile(name: string, files: readonly string[], known: Map<string, number>): Promise<void> {
    // Looked at before it is read: what is written in between is not to be thrown away with the file.
    const finished = await isFinished(folder, name, files, now());
    while (!stopped && !broken.has(name)) {
      const begun = performance.now();
      const from = known.get(name) ?? 0;
      const batch = await readBatch(folder, name, from);
      if (batch === null) break;
      if (batch.broken) {
        broken.add(name);
        log.error(
          { file: name, at: batch.to },
          'a file of the request log is damaged: what follows in it is lost',
        );
      }
      if (batch.to === from) break;
      const result = await store.write({
        file: keyOf(name),
        from,
        to: batch.to,
        rows: batch.rows,
        bodies: batch.bodies,
      });
      // Another gatehouse reads this folder, too.
      known.set(name, result.written ? batch.to : result.at);
      if (result.written) written(result.rows);
      const breathMs = Math.max(MIN_BREATH_MS, BREATHS * (performance.now() - begun));
      await new Promise((resolve) => setTimeout(resolve, breathMs));
    }
    if (!finished || stopped) return;
    // First the file: a place without a file is forgotten, a file without a place would be read again.
    await removeFile(folder, name);
    await store.forget([keyOf(name)]);
    known.delete(name);
    broken.delete(name);
  }

  function next(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      running = round().then(
        () => {
          down = false;
          next();
        },
        (err: unknown) => {
          // What was begun may have been written or not: the database knows.
          places = null;
          if (!down || !(err instanceof StoreDown))
            log.warn({ err }, 'rows of the request log wait: they could not be written');
          down = true;
          next();
        },
      );
    }, LOOK_MS);
  }

  return {
    start: next,
    round,
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
