// Batches on their way to a receiver, one at a time and in order: what it cannot take now is tried again for a while, and then
// dropped and counted. Bounded: a receiver that is gone costs memory up to a cap and nothing else.
import { behindTurns } from '../ipc/behind-reads.ts';

export interface Waiting {
  /** What counts against the cap: bytes, or rows. */
  readonly weight: number;
  /** Records in it, for the count of those that were dropped. */
  readonly records: number;
}

export type Outcome =
  /** `lost`: records of it that the receiver refused for good. */
  | { readonly kind: 'taken'; readonly lost?: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number };

export interface Outbox<T extends Waiting> {
  /** Never waits. What does not fit any more is dropped. */
  offer(batch: T): void;
  /** Resolves when all that was offered is sent or given up, at the latest after `timeoutMs`. */
  close(timeoutMs: number): Promise<void>;
}

export interface OutboxOptions<T extends Waiting> {
  /** Never rejects. */
  send(batch: T): Promise<Outcome>;
  readonly maxWeight: number;
  /** How long a batch is tried, in ms. */
  readonly patienceMs: number;
  dropped(records: number): void;
  sent?(records: number): void;
  /** A batch is over: sent, refused or given up. Without it one that is under way at the end is dropped; with it, it is left to who offers it again. */
  over?(batch: T): void;
  /** Once for each time it begins to fail. */
  failing(reason: string): void;
}

const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 15_000;

export function createOutbox<T extends Waiting>(options: OutboxOptions<T>): Outbox<T> {
  const { maxWeight, patienceMs } = options;
  const waiting: T[] = [];
  let weight = 0;
  let sending: Promise<void> | null = null;
  let failing = false;
  const closing = new AbortController();

  async function sendAll(): Promise<void> {
    for (let batch = waiting.shift(); batch !== undefined; batch = waiting.shift()) {
      const counted = await lostOf(batch);
      weight -= batch.weight;
      if (counted === null) continue;
      options.over?.(batch);
      const lost = Math.min(batch.records, counted);
      if (lost > 0) options.dropped(lost);
      if (lost < batch.records) options.sent?.(batch.records - lost);
    }
    sending = null;
  }

  /** Sends it. @returns records of it that never arrive; null = it is left. */
  async function lostOf(batch: T): Promise<number | null> {
    const until = performance.now() + patienceMs;
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)) {
      const outcome = await options.send(batch);
      if (outcome.kind === 'taken') {
        failing = false;
        return outcome.lost ?? 0;
      }
      if (!failing) options.failing(outcome.reason);
      failing = true;
      if (outcome.kind === 'refused') return batch.records;
      if (closing.signal.aborted) return options.over === undefined ? batch.records : null;
      const waitMs = Math.max(outcome.afterMs, backOffMs / 2 + (Math.random() * backOffMs) / 2);
      if (performance.now() + waitMs > until) return batch.records;
      await pause(waitMs, closing.signal);
    }
  }

  return {
    offer(batch) {
      if (weight + batch.weight > maxWeight) {
        options.over?.(batch);
        options.dropped(batch.records);
        return;
      }
      waiting.push(batch);
      weight += batch.weight;
      sending ??= sendAll();
    },
    async close(timeoutMs) {
      if (sending === null) return;
      const late = behindTurns(timeoutMs, () => closing.abort());
      await sending;
      late.clear();
    },
  };
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
