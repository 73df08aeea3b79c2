// From the spool into the log, batch after batch: each is written together with how far its file was read, so that a
// gatehouse that dies anywhere leaves nothing out and writes nothing twice. Sums of some seconds are written as one, with how
// far of each file they are: the next one to start makes those anew that were not.
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import { StoreDown } from '../../src/contracts/store.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { FilePlace, LogStore } from '../../src/stores/log/log-store.ts';
import type { Untold } from '../../src/stores/log/untold.ts';
import { createPace } from './pace.ts';
import {
  backlogBytes,
  folderId,
  isFinished,
  readBatch,
  removeFile,
  sizeOf,
  spoolFiles,
} from './spool-reader.ts';

const LOOK_MS = 500;
/** How many rows' sums wait. */
const SUM_ROWS = 20_000;

export interface IngestDeps {
  readonly store: Pick<
    LogStore,
    'write' | 'places' | 'resuming' | 'resumed' | 'resume' | 'sum' | 'unsummed' | 'forget'
  >;
  readonly folder: string;
  /** How long sums wait: a cell costs the same however many rows are added to it. */
  readonly sumMs: number;
  /** Of the spool's files together. */
  readonly maxBytes: number;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** ms since 1970. */
  now(): number;
  /** Rows that are in the log now. */
  written(rows: readonly LoggedRow[]): void;
  /** Who is to be told of which of them. */
  untold(rows: readonly LoggedRow[]): readonly Untold[];
}

export interface Ingest {
  start(): void;
  /** Reads what is there now; for tests, and before the end. */
  round(): Promise<void>;
  /** Resolves when what is in the spool now was read, or could not be. @returns whether it is in the log. */
  catchUp(): Promise<boolean>;
  /** All that was in the spool at that time is in the log, ms since 1970. */
  readonly caughtUpAt: number;
  /** Resolves when what was begun is done. */
  stop(): Promise<void>;
}

/** Somebody else reads this folder, too: what is known of it is old. */
class NotAlone extends Error {}

export function createIngest(deps: IngestDeps): Ingest {
  const { store, folder, maxBytes, sumMs, log, now, written, untold } = deps;
  /** How far the rows of each file are written; null = to be asked. */
  let places: Map<string, number> | null = null;
  const broken = new Set<string>();
  const pace = createPace(() => performance.now());
  let filled = 0;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let down = false;
  let id: string | null = null;
  let sumAt = 0;
  let caughtUpAt = 0;
  /** The last round read all that was there. */
  let caughtUp = false;
  let asked: Promise<boolean> | null = null;
  const keyOf = (name: string): string => `${id}/${name}`;

  async function round(): Promise<void> {
    const begunAt = now();
    caughtUp = false;
    const files = await spoolFiles(folder);
    if (files.length === 0 && places?.size === 0) {
      caughtUpAt = begunAt;
      caughtUp = true;
      return;
    }
    try {
      id ??= await folderId(folder);
      if (places === null) {
        places = await known(files);
        store.resumed();
      }
      const gone = [...places.keys()].filter((name) => !files.includes(name));
      if (gone.length > 0) {
        await sum();
        await store.forget(gone.map(keyOf));
        for (const name of gone) places.delete(name);
      }
      for (const name of files) {
        if (stopped) break;
        filled = (await backlogBytes(folder, files, places)) / maxBytes;
        await readFile(name, files, places);
      }
      if (!stopped) {
        caughtUpAt = begunAt;
        caughtUp = true;
      }
      if (stopped || now() >= sumAt) await sum();
    } catch (error) {
      // What was begun may have been written or not: the database knows.
      places = null;
      store.resuming();
      if (!(error instanceof NotAlone)) throw error;
    }
  }

  /** What the database says of this folder: gateways that share it have one each. Sums that are not there are begun. */
  async function known(files: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const [key, place] of await store.places()) {
      if (!key.startsWith(`${id}/`)) continue;
      const name = key.slice(keyOf('').length);
      found.set(name, place.place);
      if (files.includes(name)) await resume(name, place);
    }
    return found;
  }

  async function resume(name: string, { place, summed }: FilePlace): Promise<void> {
    for (let from = summed; from < place; ) {
      pace.begin();
      const batch = await readBatch(folder, name, from, place);
      if (batch === null || batch.to === from) return;
      store.resume({ file: keyOf(name), from, ...batch });
      from = batch.to;
      await rest();
    }
  }

  async function readFile(name: string, files: readonly string[], known: Map<string, number>): Promise<void> {
    // Looked at before it is read: what is written in between is not to be thrown away with the file.
    const finished = await isFinished(folder, name, files, now());
    // What is added meanwhile is the next round's, or a busy worker's file would be the only one that is ever read.
    const size = await sizeOf(folder, name);
    while (!stopped && !broken.has(name) && (known.get(name) ?? 0) < size) {
      pace.begin();
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
      if (store.unsummed === 0) sumAt = now() + sumMs;
      const result = await store.write({ file: keyOf(name), from, ...batch }, untold);
      if (!result.written) throw new NotAlone();
      known.set(name, batch.to);
      written(result.rows);
      if (store.unsummed >= SUM_ROWS) await sum();
      await rest();
    }
    if (!finished || stopped) return;
    // First the file: a place without a file is forgotten, a file without a place would be read again.
    await sum();
    await removeFile(folder, name);
    await store.forget([keyOf(name)]);
    known.delete(name);
    broken.delete(name);
  }

  async function sum(): Promise<void> {
    if (!(await store.sum())) throw new NotAlone();
  }

  const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, pace.end(filled)));

  function next(afterMs = LOOK_MS): void {
    if (!stopped) timer = setTimeout(begin, afterMs);
  }

  function begin(): Promise<void> {
    running = round().then(
      () => {
        down = false;
        next();
      },
      (err: unknown) => {
        if (!down || !(err instanceof StoreDown))
          log.warn({ err }, 'rows of the request log wait: they could not be written');
        down = true;
        next();
      },
    );
    return running;
  }

  /** Rounds go one behind the other, and one that is under way has passed some files by: all who ask meanwhile wait for the next. */
  async function another(): Promise<boolean> {
    await running;
    asked = null;
    if (stopped || timer === null) return false;
    clearTimeout(timer);
    await begin();
    return caughtUp;
  }

  return {
    start: () => next(0),
    round,
    catchUp: () => (asked ??= another()),
    get caughtUpAt() {
      return caughtUpAt;
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
      store.resumed();
      // What is not written is made anew by the next.
      await store.sum().catch(() => false);
    },
  };
}
