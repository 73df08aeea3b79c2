// From the section `log` to what workers and the gatehouse go by.
import type { RequestLogConfig } from '../contracts/admin.ts';
import type { Config } from '../contracts/config.ts';
import type { BuildContext } from './build-context.ts';
import { DEFAULT_LOG, DEFAULT_REQUEST_LOG } from './schema/defaults.ts';
import { buildCallbacks, buildLogExport } from './log-receivers.ts';
import type { FileConfig } from './schema/schema.ts';

type LogSection = NonNullable<FileConfig['log']>;

/** What workers need of it. */
export function buildLog(log: LogSection = {}): Config['log'] {
  return {
    level: log.level ?? DEFAULT_LOG.level,
    access: log.access ?? DEFAULT_LOG.access,
    format: log.format ?? DEFAULT_LOG.format,
    bodies: (log.bodies ?? []).map(({ keys, routes, maxBytes }) => ({
      keys: keys ?? null,
      routes: routes ?? null,
      maxBytes: maxBytes ?? DEFAULT_REQUEST_LOG.maxBodyBytes,
    })),
  };
}

export function buildRequestLog(
  log: LogSection,
  context: Pick<BuildContext, 'env' | 'report' | 'secret'>,
): RequestLogConfig {
  const { requests, retentionDays, bodyRetentionDays, ledgerRetentionDays, spoolMaxBytes } = log;
  const defaults = DEFAULT_REQUEST_LOG;
  return {
    enabled: requests ?? defaults.enabled,
    retentionDays: retentionDays ?? defaults.retentionDays,
    bodyRetentionDays: bodyRetentionDays ?? defaults.bodyRetentionDays,
    ledgerRetentionDays: ledgerRetentionDays ?? defaults.ledgerRetentionDays,
    spoolMaxBytes: spoolMaxBytes ?? defaults.spoolMaxBytes,
    callbacks: buildCallbacks(log, context),
    export: buildLogExport(log, context),
  };
}
