// The request log of this gateway: its database, what reads the spool into it, and what forgets.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import { StoreDown } from '../../src/contracts/store.ts';
import type { GatehouseAsk } from '../../src/contracts/gatehouse-ipc.ts';
import { SPOOL_FOLDER } from '../../src/contracts/request-log.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { createCallbacks } from '../callbacks/callbacks.ts';
import { createBucket } from '../export/bucket.ts';
import { createExporter, type Exporter } from '../export/exporter.ts';
import { createRecalculator, type Recalculator } from '../recalculate/recalculator.ts';
import { createIngest } from './ingest.ts';
import { createRetention } from './retention.ts';
import { folderId } from './spool-reader.ts';
import type { LogTail } from './tail.ts';

/** For what waits for receivers at the end of the process. */
const LAST_ROWS_MS = 1_000;
/** Sums count from memory until they are written: whoever shares the database sees them only then. */
const SUM_MS = 20_000;
const SHARED_SUM_MS = 5_000;
/** The database is asked again. */
const AGAIN_MS = 1_000;

/** Beside the store, and apart from it: it is large, and nothing of it is copied with a backup. */
export const LOG_FILE = 'log.db';

export interface RequestLog {
  readonly store: LogStore;
  /** Null: no storage is configured. */
  readonly exporter: Exporter | null;
  readonly recalculator: Recalculator;
  /** Resolves when what workers left until now was read, or could not be. @returns whether it is in the log. */
  catchUp(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface RequestLogDeps {
  readonly tail: LogTail;
  readonly version: string;
  /** Rows that a receiver got, or never will. */
  handed(sink: string, sent: number, dropped: number): void;
  /** Asks the primary. */
  ask(ask: GatehouseAsk): Promise<unknown>;
  /** Charges that were corrected. */
  corrected(count: number): void;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** ms since 1970. */
  now(): number;
}

/** @returns null where none is to be kept. @throws Error when its database cannot be opened. */
export async function openRequestLog(
  { dataDir, databaseUrl, log: keep }: AdminConfig,
  { tail, version, handed, ask, corrected, log, now }: RequestLogDeps,
): Promise<RequestLog | null> {
  if (!keep.enabled) return null;
  // Of the two only the one that is used is loaded.
  const driver =
    databaseUrl === null
      ? (await import('../../src/stores/sqlite.ts')).openSqlite(path.join(dataDir, LOG_FILE), LOG_SHAPE)
      : (await import('../../src/stores/postgres.ts')).openPostgres(databaseUrl, LOG_SHAPE);
  const store = createLogStore(driver);
  // A process that was killed left sums in nobody's hands: what is said of them before they were read would lack its last seconds.
  store.resuming();
  const folder = path.join(dataDir, SPOOL_FOLDER);
  const callbacks = createCallbacks(keep.callbacks, {
    version,
    log,
    now,
    owner: keep.callbacks.length === 0 ? '' : await folderId(folder),
    store,
    counted: handed,
  });
  const ingest = createIngest({
    store,
    folder,
    maxBytes: keep.spoolMaxBytes,
    sumMs: driver.shared ? SHARED_SUM_MS : SUM_MS,
    log,
    now,
    written(rows) {
      tail.written(rows);
      callbacks.written(rows);
    },
    untold: callbacks.untold,
  });
  const retention = createRetention({ store, keep, log, now });
  const exporter =
    keep.export === null
      ? null
      : createExporter(keep.export, {
          log: store,
          bucket: createBucket(keep.export, now),
          logger: log,
          now,
          caughtUpAt: () => ingest.caughtUpAt,
          id: randomUUID,
        });
  const recalculator = createRecalculator({
    log: store,
    logger: log,
    shared: driver.shared,
    ask,
    now,
    id: randomUUID,
    corrected,
  });
  recalculator.start();
  exporter?.start();
  let stopped = false;
  /** Those of before first. Where the database is away nothing is written either, so that both wait for it. */
  async function begin(): Promise<void> {
    while (!stopped) {
      try {
        await callbacks.resume();
        break;
      } catch (err) {
        if (!(err instanceof StoreDown)) {
          log.warn({ err }, 'callbacks do not know what they were still to tell');
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
      }
    }
    if (!stopped) ingest.start();
  }
  void begin();
  retention.start();
  return {
    store,
    exporter,
    recalculator,
    catchUp: ingest.catchUp,
    async stop() {
      stopped = true;
      await Promise.all([ingest.stop(), retention.stop(), exporter?.stop(), recalculator.stop()]);
      await callbacks.close(LAST_ROWS_MS);
      await store.close();
    },
  };
}
