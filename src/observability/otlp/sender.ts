// Sends batches to an OTLP receiver over HTTP, one at a time and in order (../outbox.ts).
import { createOutbox } from '../outbox.ts';
import { post } from '../post.ts';

export interface Batch {
  readonly body: Buffer;
  /** Records in it, for the count of those that were dropped. */
  readonly records: number;
}

export interface OtlpSender {
  /** Never waits. What does not fit any more is dropped. */
  offer(batch: Batch): void;
  /** Resolves when all that was offered is sent or given up, at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export interface SenderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Bytes that may wait. */
  readonly maxBytes?: number;
  /** How long a batch is tried, in ms. */
  readonly patienceMs?: number;
  dropped(records: number): void;
  /** Once for each time it begins to fail. */
  failing(reason: string): void;
}

const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;
const DEFAULT_PATIENCE_MS = 60_000;
/** What the protocol says to try again (OTLP/HTTP, failures). */
const RETRYABLE = new Set([429, 502, 503, 504]);

export function createSender(options: SenderOptions): OtlpSender {
  const { url, timeoutMs, maxBytes = DEFAULT_MAX_BYTES, patienceMs = DEFAULT_PATIENCE_MS } = options;
  const headers = { ...options.headers, 'content-type': 'application/x-protobuf' };
  const outbox = createOutbox<Batch & { weight: number }>({
    send: ({ body }) => post({ url, headers, body, timeoutMs, retryable: RETRYABLE }),
    maxWeight: maxBytes,
    patienceMs,
    dropped: options.dropped,
    failing: options.failing,
  });
  return {
    offer: ({ body, records }) => outbox.offer({ body, records, weight: body.length }),
    close: outbox.close,
  };
}
