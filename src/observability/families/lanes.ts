// Metrics of lanes: places, keys, circuits, and the limits in front of them.
import { type MetricFamily, WAIT } from './family.ts';

export const LANES = {
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
  headgate_lane_limit: {
    type: 'gauge',
    help: 'Calls that may wait for their first byte at once, as `concurrency: auto` has found out; of all workers together.',
    labels: ['provider'],
  },
  headgate_load_waiting: {
    type: 'gauge',
    help: 'Requests of all clients that wait at the model server, as it says (`load` of the provider); the mean of what workers heard.',
    labels: ['provider'],
    merge: 'mean',
  },
  headgate_load_running: {
    type: 'gauge',
    help: 'Requests of all clients that the model server answers now, as it says; the mean of what workers heard.',
    labels: ['provider'],
    merge: 'mean',
  },
  headgate_load_asks_total: {
    type: 'counter',
    help: 'Times a worker asked a model server for its load; outcome is `ok`, `failed`, or `stale` once what was known is too old to choose by.',
    labels: ['provider', 'outcome'],
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
    merge: 'mean-of-all',
  },
  headgate_cooldown_passes_total: {
    type: 'counter',
    help: 'Calls that passed by a target because it cools down.',
    labels: ['provider'],
  },
  headgate_overload_level: {
    type: 'gauge',
    help: 'What the worker refuses because it cannot keep up: 0 nothing, 1 low and batch, 2 all but high, 3 all; or a part of those.',
    labels: ['worker'],
  },
  headgate_overload_wait_seconds: {
    type: 'histogram',
    help: 'How long calls waited for the core of their worker, of those that found it busy for longer than a turn of its loop is to be.',
    labels: ['worker'],
    buckets: WAIT,
  },
  headgate_overload_refusals_total: {
    type: 'counter',
    help: 'Calls that a worker refused because it cannot keep up, by class and by what told it: wait (too much work waits already), thread (too many large bodies wait for one), loop (its timers are late), memory.',
    labels: ['priority', 'cause'],
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
    merge: 'mean-of-all',
  },
  headgate_key_circuits_opened_total: {
    type: 'counter',
    help: 'Circuits of keys that opened: the key failed while another one worked, and rests.',
    labels: ['provider', 'key'],
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
} as const satisfies Record<string, MetricFamily>;
