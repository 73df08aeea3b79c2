// Sends batches to an OTLP receiver over HTTP, one at a time and in order; what it cannot take is tried again for a while and
// then dropped and counted. Bounded: a receiver that is gone costs memory up to a cap and nothing else.

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
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 15_000;
/** What the protocol says to try again (OTLP/HTTP, failures). */
const RETRYABLE = new Set([429, 502, 503, 504]);

export function createSender(options: SenderOptions): OtlpSender {
  const { maxBytes = DEFAULT_MAX_BYTES, patienceMs = DEFAULT_PATIENCE_MS } = options;
  const waiting: Batch[] = [];
  let waitingBytes = 0;
  let sending: Promise<void> | null = null;
  let failing = false;
  const closing = new AbortController();

  async function sendAll(): Promise<void> {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      waitingBytes -= batch.body.length;
      if (!(await send(batch))) options.dropped(batch.records);
    }
    sending = null;
  }

  async function send(batch: Batch): Promise<boolean> {
    const until = performance.now() + patienceMs;
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)) {
      const outcome = await once(batch.body);
      if (outcome.kind === 'taken') {
        failing = false;
        return true;
      }
      if (!failing) options.failing(outcome.reason);
      failing = true;
      if (outcome.kind === 'refused' || closing.signal.aborted) return false;
      const waitMs = Math.max(outcome.afterMs, backOffMs / 2 + (Math.random() * backOffMs) / 2);
      if (performance.now() + waitMs > until) return false;
      await pause(waitMs, closing.signal);
    }
  }

  type Outcome =
    | { kind: 'taken' }
    | { kind: 'refused'; reason: string }
    | { kind: 'later'; reason: string; afterMs: number };

  async function once(body: Buffer): Promise<Outcome> {
    try {
      // biome-ignore lint/style/noRestrictedGlobals: a receiver of telemetry is no upstream: no call waits for it, and the primary has no lanes
      const answer = await fetch(options.url, {
        method: 'POST',
        headers: { ...options.headers, 'content-type': 'application/x-protobuf' },
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(options.timeoutMs),
        // Where it points to was not configured.
        redirect: 'manual',
      });
      await answer.body?.cancel();
      if (answer.ok) return { kind: 'taken' };
      const reason = `status ${answer.status}`;
      if (!RETRYABLE.has(answer.status)) return { kind: 'refused', reason };
      const seconds = Number(answer.headers.get('retry-after') ?? 0);
      return { kind: 'later', reason, afterMs: Number.isFinite(seconds) ? seconds * 1000 : 0 };
    } catch (error) {
      return { kind: 'later', reason: reasonOf(error), afterMs: 0 };
    }
  }

  return {
    offer(batch) {
      if (waitingBytes + batch.body.length > maxBytes) {
        options.dropped(batch.records);
        return;
      }
      waiting.push(batch);
      waitingBytes += batch.body.length;
      sending ??= sendAll();
    },
    async close(timeoutMs) {
      if (sending === null) return;
      const late = setTimeout(() => closing.abort(), timeoutMs);
      await sending;
      clearTimeout(late);
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
