// What the GenAI conventions of OpenTelemetry want measured, with their own buckets. Recorded only while metrics are sent by
// OTLP, where they go by the names of the conventions (otlp/gen-ai-metrics.ts).
import type { MetricFamily } from './family.ts';

/** 10 ms to 82 s in doublings. */
const DURATIONS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const CHUNK_GAPS = [0.001, 0.0025, 0.005, ...DURATIONS];
/** 1 to 67 million, each four times the last. */
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power);

export const GEN_AI = {
  headgate_gen_ai_operation_duration_seconds: {
    type: 'histogram',
    help: 'Length of an attempt at a provider; only while metrics are sent by OTLP.',
    labels: ['operation', 'provider', 'model', 'error_type'],
    buckets: DURATIONS,
  },
  headgate_gen_ai_token_usage: {
    type: 'histogram',
    help: 'Tokens of an attempt by kind, cached ones within input, reasoning within output; only while metrics are sent by OTLP.',
    labels: ['operation', 'provider', 'model', 'kind'],
    buckets: TOKENS,
  },
  headgate_gen_ai_time_to_first_chunk_seconds: {
    type: 'histogram',
    help: 'From sending a streamed request to its first piece; only while metrics are sent by OTLP.',
    labels: ['operation', 'provider', 'model'],
    buckets: [0.001, 0.0025, 0.005, ...DURATIONS],
  },
  headgate_gen_ai_time_per_output_chunk_seconds: {
    type: 'histogram',
    help: 'Between two pieces of a stream; only while metrics are sent by OTLP.',
    labels: ['operation', 'provider', 'model'],
    buckets: CHUNK_GAPS,
  },
} as const satisfies Record<string, MetricFamily>;
