// The request log of this gateway: its database, what reads the spool into it, and what forgets.
import path from 'node:path';
import type { AdminConfig } from '../../src/contracts/admin.ts';
import { SPOOL_FOLDER } from '../../src/contracts/request-log.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { createLogStore, type LogStore } from '../../src/stores/log/log-store.ts';
import { LOG_SHAPE } from '../../src/stores/log/shape.ts';
import { createIngest } from './ingest.ts';
import { createRetention } from './retention.ts';
import type { LogTail } from './tail.ts';

/** Beside the store, and apart from it: it is large, and nothing of it is copied with a backup. */
export const LOG_FILE = 'log.db';

export interface RequestLog {
  readonly store: LogStore;
  stop(): Promise<void>;
}

export interface RequestLogDeps {
  readonly tail: LogTail;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** ms since 1970. */
  now(): number;
}

/** @returns null where none is to be kept. @throws Error when its database cannot be opened. */
export async function openRequestLog(
  { dataDir, databaseUrl, log: keep }: AdminConfig,
  { tail, log, now }: RequestLogDeps,
): Promise<RequestLog | null> {
  if (!keep.enabled) return null;
  // Of the two only the one that is used is loaded.
  const driver =
    databaseUrl === null
      ? (await import('../../src/stores/sqlite.ts')).openSqlite(path.join(dataDir, LOG_FILE), LOG_SHAPE)
      : (await import('../../src/stores/postgres.ts')).openPostgres(databaseUrl, LOG_SHAPE);
  const store = createLogStore(driver);
  const folder = path.join(dataDir, SPOOL_FOLDER);
  const ingest = createIngest({
    store,
    folder,
    maxBytes: keep.spoolMaxBytes,
    log,
    now,
    written: tail.written,
  });
  const retention = createRetention({ store, keep, log, now });
  ingest.start();
  retention.start();
  return {
    store,
    async stop() {
      await Promise.all([ingest.stop(), retention.stop()]);
      await store.close();
    },
  };
}
