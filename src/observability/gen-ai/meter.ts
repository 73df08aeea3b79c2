// Records what the GenAI conventions measure, attempt by attempt. Part of a worker only in so far as metrics are sent by OTLP.
import type { AttemptRecord, Call } from '../../contracts/call.ts';
import type { Usage } from '../../contracts/chat.ts';
import type { CallObserver } from '../../contracts/ports.ts';
import { OVERFLOW_LABEL } from '../metric-families.ts';
import { createModelLabels } from '../model-labels.ts';
import { attemptEnd } from '../overhead.ts';
import type { HistogramHandle, Recorder, SeriesMaker } from '../recorder.ts';
import { operationNameOf, providerNameOf } from '../traces/semantic-names.ts';

/** Kinds of tokens as the family has them. */
const KINDS = ['input', 'output', 'cache_read', 'cache_write', 'reasoning'] as const;

class Series {
  readonly durations = new Map<string, HistogramHandle>();
  readonly tokens: (HistogramHandle | null)[] = KINDS.map(() => null);
  firstChunk: HistogramHandle | null = null;
  perChunk: HistogramHandle | null = null;
  readonly maker: SeriesMaker;
  readonly labels: readonly [operation: string, provider: string, model: string];

  constructor(maker: SeriesMaker, labels: readonly [string, string, string]) {
    this.maker = maker;
    this.labels = labels;
  }

  duration(seconds: number, errorType: string): void {
    let histogram = this.durations.get(errorType);
    if (histogram === undefined) {
      histogram = this.maker.histogram('headgate_gen_ai_operation_duration_seconds', [
        ...this.labels,
        errorType,
      ]);
      this.durations.set(errorType, histogram);
    }
    histogram.observe(seconds);
  }

  used({ input, output, cacheRead, cacheWriteShort, cacheWriteLong, reasoning }: Usage): void {
    const written =
      cacheWriteShort === null && cacheWriteLong === null
        ? null
        : (cacheWriteShort ?? 0) + (cacheWriteLong ?? 0);
    const counts = [input, output, cacheRead, written, reasoning];
    for (const [at, count] of counts.entries()) {
      // What was not told stays absent: 0 would be a statement.
      if (count === null) continue;
      this.tokens[at] ??= this.maker.histogram('headgate_gen_ai_token_usage', [...this.labels, KINDS[at]!]);
      this.tokens[at].observe(count);
    }
  }
}

export function createGenAiMeter(recorder: Recorder): CallObserver {
  const known = new Map<string, Series>();
  const labels = createModelLabels();

  function seriesOf(call: Call, { provider, model }: AttemptRecord): Series {
    const { config } = call.snapshot;
    const operation = operationNameOf(call.operation!.name, call.route.dialect);
    // Upstream names are the client's choice where a provider takes any: bounded like public ones.
    const name = labels.label(`${provider}/${model}`, config) === OVERFLOW_LABEL ? OVERFLOW_LABEL : model;
    const key = `${operation}\0${provider}\0${name}`;
    let series = known.get(key);
    if (series === undefined) {
      const vendor = config.providers.find((one) => one.name === provider)?.vendor ?? provider;
      const maker = labels.stated(`${provider}/${model}`) ? recorder : recorder.modest;
      known.set(key, (series = new Series(maker, [operation, providerNameOf(vendor), name])));
    }
    return series;
  }

  return {
    settled(call) {
      if (call.operation === null) return;
      for (const [at, attempt] of call.attempts.entries()) {
        if (attempt.sentAt <= 0) continue;
        const series = seriesOf(call, attempt);
        const endMs = attemptEnd(call, attempt, call.settledAt) - attempt.sentAt;
        series.duration(Math.max(0, endMs) / 1_000, attempt.errorType);
        if (attempt.usage !== null) series.used(attempt.usage);
        if (at < call.attempts.length - 1 || !call.stream || call.firstByteAt <= 0) continue;
        const firstMs = call.firstByteAt - call.startedAt - attempt.sentAt;
        series.firstChunk ??= series.maker.histogram(
          'headgate_gen_ai_time_to_first_chunk_seconds',
          series.labels,
        );
        series.firstChunk.observe(Math.max(0, firstMs) / 1_000);
        const gaps = call.chunks - 1;
        const spanMs = call.lastByteAt - call.firstByteAt;
        if (gaps < 1 || spanMs < 0) continue;
        series.perChunk ??= series.maker.histogram(
          'headgate_gen_ai_time_per_output_chunk_seconds',
          series.labels,
        );
        series.perChunk.observeMany(spanMs / 1_000 / gaps, gaps);
      }
    },
  };
}
