// The metric handles of one provider that do not name a model: attempts, fallbacks, waits, ends of streams.
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { GatewayError } from '../contracts/errors.ts';
import type { CounterHandle, HistogramHandle, Recorder } from './recorder.ts';

export class ProviderSeries {
  readonly #recorder: Recorder;
  readonly #provider: string;
  readonly #attempts = new Map<string, CounterHandle>();
  readonly #fallbacks = new Map<string, CounterHandle>();
  readonly #ends = new Map<string, CounterHandle>();
  #wait: HistogramHandle | null = null;

  constructor(recorder: Recorder, provider: string) {
    this.#recorder = recorder;
    this.#provider = provider;
  }

  /** Counts an attempt here; `before` is the attempt of the same call that preceded it, null = it is the first. */
  attempted(attempt: AttemptRecord, before: AttemptRecord | null): void {
    const reason = before === null ? 'first' : before.errorType;
    let counter = this.#attempts.get(reason);
    if (counter === undefined) {
      counter = this.#recorder.counter('headgate_attempts_total', [this.#provider, reason]);
      this.#attempts.set(reason, counter);
    }
    counter.add(1);
    if (before !== null && (before.provider !== attempt.provider || before.model !== attempt.model)) {
      let fallback = this.#fallbacks.get(reason);
      if (fallback === undefined) {
        fallback = this.#recorder.counter('headgate_fallbacks_total', [this.#provider, reason]);
        this.#fallbacks.set(reason, fallback);
      }
      fallback.add(1);
    }
    if (attempt.sentAt > 0) {
      this.#wait ??= this.#recorder.histogram('headgate_queue_wait_seconds', [this.#provider]);
      this.#wait.observe(Math.max(0, attempt.sentAt - attempt.queuedAt) / 1000);
    }
  }

  /** Counts the end of a streamed answer that had begun. */
  streamEnded(call: Call): void {
    const end = streamEnd(call.error);
    let counter = this.#ends.get(end);
    if (counter === undefined) {
      counter = this.#recorder.counter('headgate_streams_ended_total', [this.#provider, end]);
      this.#ends.set(end, counter);
    }
    counter.add(1);
  }
}

/** How a begun stream ended, as the closed set of the metric. */
function streamEnd(error: GatewayError | null): string {
  switch (error?.code) {
    case undefined:
      return 'complete';
    case 'GW_CLIENT_GONE':
      return 'client_gone';
    case 'GW_UPSTREAM_TIMEOUT_IDLE':
      return 'idle_timeout';
    case 'GW_GATEWAY_DRAINING':
      return 'drained';
    default:
      return 'truncated';
  }
}
