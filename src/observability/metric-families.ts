// The explicit table of every metric family: the one place that names a metric, its labels and its buckets.
// Workers record against it (recorder.ts), the primary merges and prints by it (metric-totals.ts); docs/metrics.md lists it.

/** What the primary does with the same gauge of several workers: add up, or take the mean (a share between 0 and 1). */
export type GaugeMerge = 'sum' | 'mean';

export interface MetricFamily {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, rising, without +Inf; histograms only. */
  readonly buckets?: readonly number[];
  /** Gauges only; `sum` when absent. */
  readonly merge?: GaugeMerge;
}

const doubling = (first: number, count: number): number[] =>
  // 12 significant digits keep `le` labels readable (0.00016, not 0.00015999999999999999).
  Array.from({ length: count }, (_, power) => Number((first * 2 ** power).toPrecision(12)));

/** 10 ms to 82 s in doublings, then four and ten minutes: reasoning models answer in minutes. */
const LATENCY = [...doubling(0.01, 14), 240, 600];
/** 5 us doubling to 0.66 s. */
const OVERHEAD = doubling(0.000005, 18);
const WAIT = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];
const GAP = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 30, 60];
const LAG = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const RATE = [1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 1000, 2000];

/** All families by full name. Each label is a closed or capped set; never a key, a path, a user or a request id. */
export const METRIC_FAMILIES = {
  headgate_http_requests_total: {
    type: 'counter',
    help: 'Requests answered, all routes.',
    labels: ['route', 'method', 'status_class'],
  },
  headgate_http_request_duration_seconds: {
    type: 'histogram',
    help: 'First byte of the request read to the last byte of the answer, all routes.',
    labels: ['route', 'method', 'status_class'],
    buckets: LATENCY,
  },
  headgate_requests_total: {
    type: 'counter',
    help: 'Model requests by outcome (ok, error, cancelled).',
    labels: ['dialect', 'provider', 'model', 'outcome', 'error_type'],
  },
  headgate_request_duration_seconds: {
    type: 'histogram',
    help: 'Duration of model requests, first byte read to last byte written.',
    labels: ['dialect', 'provider', 'model', 'stream'],
    buckets: LATENCY,
  },
  headgate_overhead_seconds: {
    type: 'histogram',
    help: 'Time the gateway itself took per model request: duration less all waiting for upstream, slots, back-off and client.',
    labels: ['dialect', 'stream', 'translated'],
    buckets: OVERHEAD,
  },
  headgate_time_to_first_token_seconds: {
    type: 'histogram',
    help: 'First byte of a streamed request to the first byte of its answer.',
    labels: ['provider', 'model'],
    buckets: LATENCY,
  },
  headgate_inter_chunk_seconds: {
    type: 'histogram',
    help: 'Gap between chunks of a streamed answer; each stream counts its gaps at their mean length.',
    labels: ['provider', 'model'],
    buckets: GAP,
  },
  headgate_output_tokens_per_second: {
    type: 'histogram',
    help: 'Output tokens of a streamed answer over the time from its first to its last byte.',
    labels: ['provider', 'model'],
    buckets: RATE,
  },
  headgate_upstream_requests_total: {
    type: 'counter',
    help: 'Upstream attempts by result.',
    labels: ['provider', 'model', 'status_class', 'error_type'],
  },
  headgate_upstream_duration_seconds: {
    type: 'histogram',
    help: 'Upstream attempt, request sent to last byte or failure.',
    labels: ['provider', 'model'],
    buckets: LATENCY,
  },
  headgate_attempts_total: {
    type: 'counter',
    help: 'Upstream attempts; reason is `first`, or the error type of the attempt before.',
    labels: ['provider', 'reason'],
  },
  headgate_fallbacks_total: {
    type: 'counter',
    help: 'Attempts that went to another target than the one before; provider is the new one.',
    labels: ['provider', 'reason'],
  },
  headgate_tokens_total: {
    type: 'counter',
    help: 'Tokens as the upstream reported them. Cache counts are part of input, reasoning is part of output.',
    labels: ['provider', 'model', 'kind'],
  },
  headgate_quantities_total: {
    type: 'counter',
    help: 'What answers used beside tokens, as the upstream reported it (images, characters, seconds, searches).',
    labels: ['provider', 'model', 'meter'],
  },
  headgate_cost_usd_total: {
    type: 'counter',
    help: 'What attempts cost, in US dollars, as far as they have a price; those that failed or were aborted among them.',
    labels: ['provider', 'model'],
  },
  headgate_unpriced_requests_total: {
    type: 'counter',
    help: 'Attempts that used what has no price: their cost is not known.',
    labels: ['provider', 'model'],
  },
  headgate_fields_dropped_total: {
    type: 'counter',
    help: 'Request fields lost in translation.',
    labels: ['from', 'to', 'field'],
  },
  headgate_stream_rescues_total: {
    type: 'counter',
    help: 'Streams that broke off after their client had seen part of them, by the provider that broke: gone on with (prefill, restart, instruct), or ended in an error event (failed).',
    labels: ['provider', 'outcome'],
  },
  headgate_malformed_chunks_total: {
    type: 'counter',
    help: 'Streams of an upstream that ended because an event could not be read or was seen to be missing.',
    labels: ['provider'],
  },
  headgate_guardrail_decisions_total: {
    type: 'counter',
    help: 'Decisions of guardrails, one a call and place (request, answer): pass, flag, mask, block, error.',
    labels: ['guardrail', 'at', 'decision'],
  },
  headgate_guardrail_asks_total: {
    type: 'counter',
    help: 'Checks that others were asked to make, by kind: pass, found, failed.',
    labels: ['check', 'outcome'],
  },
  headgate_guardrail_ask_duration_seconds: {
    type: 'histogram',
    help: 'Time until one that was asked for a check answered, or failed to.',
    labels: ['check'],
    buckets: WAIT,
  },
  headgate_issuer_asks_total: {
    type: 'counter',
    help: 'Times a worker asked an issuer of tokens for its keys (ok, failed).',
    labels: ['issuer', 'result'],
  },
  headgate_model_list_asks_total: {
    type: 'counter',
    help: 'Times a worker asked a provider for its list of models (ok, failed).',
    labels: ['provider', 'result'],
  },
  headgate_media_fetches_total: {
    type: 'counter',
    help: 'Files fetched from addresses in requests, for providers that take bytes alone (ok, failed).',
    labels: ['result'],
  },
  headgate_in_flight_requests: {
    type: 'gauge',
    help: 'Calls that hold a slot of the lane.',
    labels: ['provider'],
  },
  headgate_streams_open: {
    type: 'gauge',
    help: 'Streamed answers being written.',
    labels: ['provider'],
  },
  headgate_cache_lookups_total: {
    type: 'counter',
    help: 'Calls that a kept answer was looked for, by outcome (hit, stale, miss, bypass) and kind of cache (exact, semantic).',
    labels: ['outcome', 'type'],
  },
  headgate_cache_stored_total: {
    type: 'counter',
    help: 'Answers that were kept.',
    labels: ['type'],
  },
  headgate_cache_saved_usd_total: {
    type: 'counter',
    help: 'What answers that were given again would have cost, in USD, where their price is known.',
    labels: ['type'],
  },
  headgate_cache_saved_seconds_total: {
    type: 'counter',
    help: 'How long those answers took when they were made.',
    labels: ['type'],
  },
  headgate_cache_faults_total: {
    type: 'counter',
    help: 'Times a part of the cache could not be asked or did not answer in time: the call went on without it.',
    labels: ['part'],
  },
  headgate_cache_entries: {
    type: 'gauge',
    help: 'Kept answers in the memory of the workers.',
    labels: [],
  },
  headgate_cache_bytes: {
    type: 'gauge',
    help: 'Memory they take.',
    labels: [],
  },
  headgate_kept_responses: {
    type: 'gauge',
    help: 'Turns of Responses, and conversations, in the memory of the workers.',
    labels: [],
  },
  headgate_kept_responses_bytes: {
    type: 'gauge',
    help: 'Memory they take.',
    labels: [],
  },
  headgate_background_responses: {
    type: 'gauge',
    help: 'Responses that run in the background.',
    labels: [],
  },
  headgate_queue_depth: {
    type: 'gauge',
    help: 'Calls that wait for a slot of the lane.',
    labels: ['provider'],
  },
  headgate_queue_wait_seconds: {
    type: 'histogram',
    help: 'Wait of an attempt for a slot of its lane and a connection.',
    labels: ['provider'],
    buckets: WAIT,
  },
  headgate_shed_total: {
    type: 'counter',
    help: 'Calls a lane refused: queue full or waited too long.',
    labels: ['provider'],
  },
  headgate_upstream_key_up: {
    type: 'gauge',
    help: 'Share of workers on which the key is usable; 0 = resting everywhere.',
    labels: ['provider', 'key'],
    merge: 'mean',
  },
  headgate_cooldowns_total: {
    type: 'counter',
    help: 'Times a worker saw a model of the provider begin to cool down; reason is the error type, or `shared` when another worker or node was refused.',
    labels: ['provider', 'reason'],
  },
  headgate_targets_cooling: {
    type: 'gauge',
    help: 'Models of the provider that cool down, mean over the workers.',
    labels: ['provider'],
    merge: 'mean',
  },
  headgate_cooldown_passes_total: {
    type: 'counter',
    help: 'Calls that passed by a target because it cools down.',
    labels: ['provider'],
  },
  headgate_overload_level: {
    type: 'gauge',
    help: 'What the worker refuses because it cannot keep up: 0 nothing, 1 low and batch, 2 all but high, 3 all.',
    labels: ['worker'],
  },
  headgate_shared_answers_total: {
    type: 'counter',
    help: 'Calls that got the answer of another one: coalesced with an equal request, joined or replayed by their Idempotency-Key.',
    labels: ['how'],
  },
  headgate_circuit_changes_total: {
    type: 'counter',
    help: 'Circuits of models of the provider that opened, let a call find out (half-open) or closed; `by` is `shared` when another worker or node found out.',
    labels: ['provider', 'state', 'by'],
  },
  headgate_circuits_open: {
    type: 'gauge',
    help: 'Models of the provider whose circuit is open or half-open, mean over the workers.',
    labels: ['provider'],
    merge: 'mean',
  },
  headgate_retries_withheld_total: {
    type: 'counter',
    help: 'Attempts that were not repeated because the retry budget of their model was used up.',
    labels: ['provider'],
  },
  headgate_limit_decisions_total: {
    type: 'counter',
    help: 'What limits decided, by rule: admitted, refused, or unknown when the counters could not be asked.',
    labels: ['limit', 'decision'],
  },
  headgate_limit_refills_total: {
    type: 'counter',
    help: 'Leases fetched, so that the calls behind them need not ask.',
    labels: ['limit'],
  },
  headgate_limit_lease_size: {
    type: 'gauge',
    help: 'Units the workers may hold ahead of their calls, all together; 0 = every call asks.',
    labels: ['limit'],
  },
  headgate_limit_policy_decisions_total: {
    type: 'counter',
    help: 'Calls answered by `redis.onFailure` while Redis could not be asked.',
    labels: ['decision'],
  },
  headgate_limit_degraded_seconds_total: {
    type: 'counter',
    help: 'Time in which Redis could not be asked, added up over the workers.',
    labels: [],
  },
  headgate_redis_duration_seconds: {
    type: 'histogram',
    help: 'Questions to Redis, sent to answered.',
    labels: [],
    buckets: WAIT,
  },
  headgate_dependency_up: {
    type: 'gauge',
    help: 'Share of workers that reach what they depend on.',
    labels: ['dependency'],
    merge: 'mean',
  },
  headgate_streams_ended_total: {
    type: 'counter',
    help: 'Streamed answers by end (complete, truncated, client_gone, idle_timeout, drained).',
    labels: ['provider', 'end'],
  },
  headgate_log_records_dropped_total: {
    type: 'counter',
    help: 'Log lines, or calls of the request log, dropped because their sink was slow, full or gone.',
    labels: ['sink'],
  },
  headgate_log_queue_bytes: {
    type: 'gauge',
    help: 'Bytes of the request log that wait to be read by the gatehouse, of all workers of this gateway.',
    labels: ['sink'],
    // Each worker sees the whole folder.
    merge: 'mean',
  },
  headgate_credential_renewals_total: {
    type: 'counter',
    help: 'Tokens and key pairs of providers that expire: renewed, or failed to be.',
    labels: ['provider', 'key', 'outcome'],
  },
  headgate_credential_expiry_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last one that was got expires, in seconds since 1970.',
    labels: ['provider', 'key'],
  },
  headgate_workers: { type: 'gauge', help: 'Workers that serve.', labels: [] },
  headgate_worker_restarts_total: {
    type: 'counter',
    help: 'Workers started to replace one that died.',
    labels: [],
  },
  headgate_event_loop_lag_seconds: {
    type: 'histogram',
    help: 'How late a timer of the worker fired.',
    labels: ['worker'],
    buckets: LAG,
  },
  headgate_resident_memory_bytes: {
    type: 'gauge',
    help: 'Resident memory of the process.',
    labels: ['worker'],
  },
  headgate_open_fds: {
    type: 'gauge',
    help: 'File descriptors the process has open, those kept free not counted.',
    labels: ['worker'],
  },
  headgate_max_fds: {
    type: 'gauge',
    help: 'File descriptors the process may have (ulimit -n).',
    labels: ['worker'],
  },
  headgate_client_connections: {
    type: 'gauge',
    help: 'Connections of clients that are open, idle ones included.',
    labels: ['worker'],
  },
  headgate_config_version: { type: 'gauge', help: 'Version of the configuration in force.', labels: [] },
  headgate_config_reloads_total: {
    type: 'counter',
    help: 'Attempts to load a new configuration (applied, rejected).',
    labels: ['result'],
  },
  headgate_build_info: { type: 'gauge', help: 'Always 1.', labels: ['version'] },
  headgate_reuseport_migrate: {
    type: 'gauge',
    help: '1 when the kernel moves un-accepted connections of a closing listener (net.ipv4.tcp_migrate_req), 0 when they are lost.',
    labels: [],
  },
} as const satisfies Record<string, MetricFamily>;

type Families = typeof METRIC_FAMILIES;

export type FamilyName = keyof Families;
export type CounterName = {
  [F in FamilyName]: Families[F]['type'] extends 'counter' ? F : never;
}[FamilyName];
export type GaugeName = { [F in FamilyName]: Families[F]['type'] extends 'gauge' ? F : never }[FamilyName];
export type HistogramName = {
  [F in FamilyName]: Families[F]['type'] extends 'histogram' ? F : never;
}[FamilyName];

type Strings<T extends readonly string[]> = { readonly [I in keyof T]: string };

/** Label values of a family, in the order of its table row; a wrong number is a type error. */
export type LabelValues<F extends FamilyName> = Strings<Families[F]['labels']>;

/** The value every label of a series takes once its family is full. */
export const OVERFLOW_LABEL = '_other';
