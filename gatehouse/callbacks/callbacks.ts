// All receivers of the configuration, fed by what has just been written to the log.
import type { LoggedRow } from '../../src/contracts/log-store.ts';
import type { CallbackConfig } from '../../src/contracts/log-receivers.ts';
import type { Logger } from '../../src/observability/logger.ts';
import type { LogStore } from '../../src/stores/log/log-store.ts';
import type { Untold } from '../../src/stores/log/untold.ts';
import { type Callback, createCallback } from './callback.ts';
import { createLangfuse } from './langfuse.ts';
import { createWebhook } from './webhook.ts';

export interface CallbacksDeps {
  readonly version: string;
  readonly log: Pick<Logger, 'warn'>;
  /** ms since 1970. */
  now(): number;
  /** Of this gateway, for what it keeps among those that share the database. */
  readonly owner: string;
  readonly store: Pick<LogStore, 'bodies' | 'untold' | 'told'>;
  /** For the metrics: rows that a receiver got, or never will. */
  counted(sink: string, sent: number, dropped: number): void;
}

export interface Callbacks {
  /** Takes up what the gatehouse before was still to tell. Before `written`. */
  resume(): Promise<void>;
  /** Who is to be told of which of these rows: to be kept with them. */
  untold(rows: readonly LoggedRow[]): readonly Untold[];
  written(rows: readonly LoggedRow[]): void;
  close(timeoutMs: number): Promise<void>;
}

export function createCallbacks(configs: readonly CallbackConfig[], deps: CallbacksDeps): Callbacks {
  const all = configs.map((config) => {
    const sink = `${deps.owner}/${config.name}`;
    return { sink, maxRows: config.maxRows, callback: open(config, sink, deps) };
  });
  return {
    async resume() {
      for (const { sink, maxRows, callback } of all) callback.take(await deps.store.untold(sink, maxRows));
    },
    untold: (rows) =>
      all.flatMap(({ sink, callback }) => callback.wanted(rows).map(({ id }) => ({ sink, id }))),
    written(rows) {
      for (const { callback } of all) callback.take(rows);
    },
    async close(timeoutMs) {
      await Promise.all(all.map(({ callback }) => callback.close(timeoutMs)));
    },
  };
}

function open(
  config: CallbackConfig,
  sink: string,
  { version, log, now, store, counted }: CallbacksDeps,
): Callback {
  const { name } = config;
  const send =
    config.type === 'webhook' ? createWebhook(config, version, now) : createLangfuse(config, version);
  return createCallback(config, {
    send,
    bodies: store.bodies,
    told: (ids) => {
      // Not taken out, it is told once more after a restart.
      store.told(sink, ids).catch(() => undefined);
    },
    dropped: (rows) => counted(name, 0, rows),
    sent: (rows) => counted(name, rows, 0),
    failing: (reason) =>
      log.warn({ callback: name, reason }, 'a callback of the request log does not take rows'),
  });
}
