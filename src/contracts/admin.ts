// How the gateway is administered, as the configuration says. Read by the primary and the gatehouse alone: workers have no
// use for it, and what stands here opens the store.

export interface AdminConfig {
  /** False: no gatehouse; the gateway runs from its file alone. */
  enabled: boolean;
  /** Of a listener of its own, on `host`; null = the port of the gateway. */
  port: number | null;
  host: string;
  /** Absolute path of the folder of the store, the master key and the socket. */
  dataDir: string;
  /** PostgreSQL in place of the file in `dataDir`. */
  databaseUrl: string | null;
  /** Master keys as text; null = a file in `dataDir`. */
  masterKey: string | null;
  /** LiteLLM's calls are taken, too. */
  litellm: boolean;
  log: RequestLogConfig;
}

/** The log of requests, as the gatehouse keeps it. */
export interface RequestLogConfig {
  enabled: boolean;
  retentionDays: number;
  bodyRetentionDays: number;
  /** Also of sums of days. */
  ledgerRetentionDays: number;
  /** Of all files that wait to be read. */
  spoolMaxBytes: number;
}
