// Who else gets rows of the request log: services that are told of them as they are written, and storage that gets hours of them.
import type { CallOutcome } from './request-log.ts';

interface CallbackBase {
  /** In metrics and log lines. */
  readonly name: string;
  readonly url: string;
  /** Calls that ended otherwise are not told. */
  readonly outcomes: readonly CallOutcome[];
  /** Bodies go along, where they are kept. */
  readonly content: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Calls of one request at most, and how long the first of them waits for others. */
  readonly batchCalls: number;
  readonly waitMs: number;
  /** Rows that may wait; those beyond are dropped and counted. */
  readonly maxRows: number;
  readonly timeoutMs: number;
  /** How long a batch is tried. */
  readonly patienceMs: number;
}

export interface WebhookCallback extends CallbackBase {
  readonly type: 'webhook';
  /** Signs what is sent; null = nothing is signed. */
  readonly secret: string | null;
}

export interface LangfuseCallback extends CallbackBase {
  readonly type: 'langfuse';
  readonly publicKey: string;
  readonly secretKey: string;
}

export type CallbackConfig = WebhookCallback | LangfuseCallback;

/** Storage that speaks S3, with the log in it hour by hour. */
export interface LogExportConfig {
  /** `https://s3.eu-central-1.amazonaws.com`, without the bucket. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Goes before all names, without a slash at either end; '' = none. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  /** The bucket stands in the path, not in the host's name. */
  readonly pathStyle: boolean;
  /** Each hour goes there by itself, so long after its end, ms; null = only what is asked for. */
  readonly delayMs: number | null;
}
