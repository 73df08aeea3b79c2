// From the entries of the file to what the primary and the gatehouse go by.
import type { AdminConfig } from '../contracts/admin.ts';
import { DEFAULT_ADMIN } from './defaults.ts';
import { buildRequestLog } from './request-log.ts';
import type { FileConfig } from './schema.ts';

/** `dataDir` as it was stated: the loader knows where a relative path begins. */
export function buildAdmin({ admin = {}, log = {} }: FileConfig): AdminConfig {
  return {
    enabled: admin.enabled ?? DEFAULT_ADMIN.enabled,
    port: admin.port ?? null,
    host: admin.host?.replace(/^\[(.*)\]$/, '$1') ?? DEFAULT_ADMIN.host,
    dataDir: admin.dataDir ?? DEFAULT_ADMIN.dataDir,
    databaseUrl: admin.databaseUrl ?? null,
    masterKey: admin.masterKey ?? null,
    litellm: admin.litellm ?? DEFAULT_ADMIN.litellm,
    log: buildRequestLog(log),
  };
}
