// Metrics of calls: what came in, what went out, what it took and cost.
import { GAP, LATENCY, type MetricFamily, OVERHEAD, RATE, WAIT } from './family.ts';

export const CALLS = {
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
  headgate_hedges_total: {
    type: 'counter',
    help: 'Second attempts beside one whose first token was late, by the provider that was late: the second was first (`won`), the first was (`lost`), the second failed before (`failed`), or none began because the budget was used up (`withheld`).',
    labels: ['provider', 'outcome'],
  },
  headgate_shadow_requests_total: {
    type: 'counter',
    help: 'Calls that were to be copied for another model: copies that were answered (`ok`) or `failed`, and those that none was made of (`concurrency`, `budget`, `too_large`).',
    labels: ['outcome'],
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
    help: 'Decisions of guardrails, one a call and place (request, answer): pass, flag, mask, block, error; unchecked beside it where there was something that none of its checks looks at.',
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
  headgate_plugin_hooks_total: {
    type: 'counter',
    help: 'Hooks of plugins, by how they ended: ok, error, timeout, passed_by (the plugin is not on, or too much waits for it).',
    labels: ['plugin', 'hook', 'outcome'],
  },
  headgate_plugin_hook_duration_seconds: {
    type: 'histogram',
    help: 'Time that hooks of plugins took.',
    labels: ['plugin', 'hook'],
    buckets: WAIT,
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
    help: 'How much sooner those answers came than when they were made: 0 where they are replayed as slowly.',
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
  headgate_shared_answers_total: {
    type: 'counter',
    help: 'Calls that got the answer of another one: coalesced with an equal request, joined or replayed by their Idempotency-Key.',
    labels: ['how'],
  },
  headgate_streams_ended_total: {
    type: 'counter',
    help: 'Streamed answers by end (complete, truncated, client_gone, idle_timeout, drained).',
    labels: ['provider', 'end'],
  },
} as const satisfies Record<string, MetricFamily>;
