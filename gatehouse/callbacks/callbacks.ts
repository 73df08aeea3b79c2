// All receivers of the configuration, fed by what has just been written to the log.
import { randomUUID } from 'node:crypto';
import type { KeptBody, LoggedRow } from '../../src/contracts/log-store.ts';
import type { CallbackConfig } from '../../src/contracts/log-receivers.ts';
import type { Logger } from '../../src/observability/logger.ts';
import { type Callback, createCallback } from './callback.ts';
import { createLangfuse } from './langfuse.ts';
import { createWebhook } from './webhook.ts';

export interface CallbacksDeps {
  readonly version: string;
  readonly log: Pick<Logger, 'warn'>;
  /** ms since 1970. */
  now(): number;
  bodies(call: string): Promise<readonly KeptBody[]>;
  /** For the metrics: rows that a receiver got, or never will. */
  counted(sink: string, sent: number, dropped: number): void;
}

export interface Callbacks {
  written(rows: readonly LoggedRow[]): void;
  close(timeoutMs: number): Promise<void>;
}

export function createCallbacks(configs: readonly CallbackConfig[], deps: CallbacksDeps): Callbacks {
  const all = configs.map((config) => open(config, deps));
  return {
    written(rows) {
      for (const one of all) one.take(rows);
    },
    async close(timeoutMs) {
      await Promise.all(all.map((one) => one.close(timeoutMs)));
    },
  };
}

function open(config: CallbackConfig, { version, log, now, bodies, counted }: CallbacksDeps): Callback {
  const { name } = config;
  const send =
    config.type === 'webhook' ? createWebhook(config, version, now) : createLangfuse(config, version);
  return createCallback(config, {
    send,
    bodies,
    id: randomUUID,
    dropped: (rows) => counted(name, 0, rows),
    sent: (rows) => counted(name, rows, 0),
    failing: (reason) =>
      log.warn({ callback: name, reason }, 'a callback of the request log does not take rows'),
  });
}
