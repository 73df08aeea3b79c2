// The metric handles of one (provider, model): looked up once, followed by pointer for every further call.
// Handles are made at first use, so a model that never streams has no stream series.
import type { AttemptRecord, Call } from '../contracts/call.ts';
import type { Usage } from '../contracts/chat.ts';
import type { DialectName } from '../contracts/dialect.ts';
import type { Quantities } from '../contracts/quantities.ts';
import { outputRate } from './output-rate.ts';
import { attemptEnd } from './overhead.ts';
import type { CounterHandle, HistogramHandle, SeriesMaker } from './recorder.ts';
import { statusClass } from './status-class.ts';

export class TargetSeries {
  readonly #recorder: SeriesMaker;
  readonly #provider: string;
  readonly #model: string;
  readonly #durations = new Map<
    DialectName,
    [unary: HistogramHandle | null, stream: HistogramHandle | null]
  >();
  readonly #outcomes = new Map<string, CounterHandle>();
  readonly #attempts = new Map<string, CounterHandle>();
  readonly #tokens = new Map<string, CounterHandle>();
  readonly #quantities = new Map<string, CounterHandle>();
  #firstToken: HistogramHandle | null = null;
  #gap: HistogramHandle | null = null;
  #rate: HistogramHandle | null = null;
  #upstream: HistogramHandle | null = null;
  #spent: CounterHandle | null = null;
  #unpriced: CounterHandle | null = null;

  constructor(recorder: SeriesMaker, provider: string, model: string) {
    this.#recorder = recorder;
    this.#provider = provider;
    this.#model = model;
  }

  /** Outcome and duration of a settled call. */
  ended(call: Call): void {
    const dialect = call.route.dialect;
    const errorType = call.error?.errorType ?? '';
    const outcome = errorType === '' ? 'ok' : errorType === 'caller_cancelled' ? 'cancelled' : 'error';
    const key = errorType === '' ? dialect : `${dialect}\0${errorType}`;
    let counter = this.#outcomes.get(key);
    if (counter === undefined) {
      const labels = [dialect, this.#provider, this.#model, outcome, errorType] as const;
      this.#outcomes.set(key, (counter = this.#recorder.counter('headgate_requests_total', labels)));
    }
    counter.add(1);

    let durations = this.#durations.get(dialect);
    if (durations === undefined) this.#durations.set(dialect, (durations = [null, null]));
    const at = call.stream ? 1 : 0;
    durations[at] ??= this.#recorder.histogram('headgate_request_duration_seconds', [
      dialect,
      this.#provider,
      this.#model,
      call.stream ? 'true' : 'false',
    ]);
    durations[at].observe((call.settledAt - call.startedAt) / 1000);
  }

  /** Pace of a streamed answer whose first byte reached the client. */
  streamed(call: Call): void {
    const labels = [this.#provider, this.#model] as const;
    this.#firstToken ??= this.#recorder.histogram('headgate_time_to_first_token_seconds', labels);
    this.#firstToken.observe((call.firstByteAt - call.startedAt) / 1000);
    const spanMs = call.lastByteAt - call.firstByteAt;
    if (call.chunks > 1 && spanMs >= 0) {
      this.#gap ??= this.#recorder.histogram('headgate_inter_chunk_seconds', labels);
      this.#gap.observeMany(spanMs / 1000 / (call.chunks - 1), call.chunks - 1);
    }
    const rate = outputRate(call);
    if (rate !== null) {
      this.#rate ??= this.#recorder.histogram('headgate_output_tokens_per_second', labels);
      this.#rate.observe(rate);
    }
  }

  /** What the upstream reported; unknown counts stay absent. */
  used(usage: Usage): void {
    this.#addTokens('input', usage.input);
    this.#addTokens('cache_read', usage.cacheRead);
    this.#addTokens('cache_write', usage.cacheWriteShort);
    this.#addTokens('cache_write', usage.cacheWriteLong);
    this.#addTokens('output', usage.output);
    this.#addTokens('reasoning', usage.reasoning);
  }

  /** What it reported beside tokens. */
  usedBeside(quantities: Quantities): void {
    for (const [meter, count] of Object.entries(quantities)) {
      if (typeof count !== 'number' || !(count > 0)) continue;
      let counter = this.#quantities.get(meter);
      if (counter === undefined) {
        const labels = [this.#provider, this.#model, meter] as const;
        this.#quantities.set(meter, (counter = this.#recorder.counter('headgate_quantities_total', labels)));
      }
      counter.add(count);
    }
  }

  /** Result and duration of one upstream attempt. */
  attempted(call: Call, attempt: AttemptRecord): void {
    const status = statusClass(attempt.status);
    const key = attempt.errorType === '' ? status : `${status}\0${attempt.errorType}`;
    let counter = this.#attempts.get(key);
    if (counter === undefined) {
      const labels = [this.#provider, this.#model, status, attempt.errorType] as const;
      this.#attempts.set(key, (counter = this.#recorder.counter('headgate_upstream_requests_total', labels)));
    }
    counter.add(1);
    if (attempt.sentAt <= 0) return;
    this.#cost(attempt.costNano);
    this.#upstream ??= this.#recorder.histogram('headgate_upstream_duration_seconds', [
      this.#provider,
      this.#model,
    ]);
    this.#upstream.observe(Math.max(0, attemptEnd(call, attempt, call.settledAt) - attempt.sentAt) / 1000);
  }

  #cost(nanoUsd: number | null): void {
    if (nanoUsd === 0) return;
    const labels = [this.#provider, this.#model] as const;
    if (nanoUsd === null) {
      this.#unpriced ??= this.#recorder.counter('headgate_unpriced_requests_total', labels);
      this.#unpriced.add(1);
    } else {
      this.#spent ??= this.#recorder.counter('headgate_cost_usd_total', labels);
      this.#spent.add(nanoUsd / 1e9);
    }
  }

  #addTokens(kind: string, count: number | null): void {
    if (count === null || !(count > 0)) return;
    let counter = this.#tokens.get(kind);
    if (counter === undefined) {
      const labels = [this.#provider, this.#model, kind] as const;
      this.#tokens.set(kind, (counter = this.#recorder.counter('headgate_tokens_total', labels)));
    }
    counter.add(count);
  }
}
